import type { StopWish } from '../run/live-run.ts';
import { readStopWish } from '../run/stored-json.ts';

/** What the scripts give: texts, numbers and lists of them; what is not there is null. */
export function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new TypeError(`Redis gave no list: ${String(reply)}`);
  return reply;
}

export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number') return String(reply);
  throw new TypeError(`Redis gave no text: ${String(reply)}`);
}

export function textsOf(reply: unknown): readonly string[] {
  return listOf(reply).map(textOf);
}

/** The wish that a run stops; null where there is none. */
export function toStopWish(reply: unknown): StopWish | null {
  return typeof reply === 'string' ? readStopWish(reply) : null;
}
