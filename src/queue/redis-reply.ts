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
