import type { RunLogEntry, RunLogEvent } from '../run/run-log-entry.ts';
import { toIso } from './to-run.ts';

interface EntryTexts {
  json: string | null;
  sse: string | null;
}

/** Each entry is written once, for however many readers. */
const texts = new WeakMap<RunLogEntry, EntryTexts>();

function textsOf(entry: RunLogEntry): EntryTexts {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const made = { json: null, sse: null };
  texts.set(entry, made);
  return made;
}

/** Writes an entry of a run's log as a `RunEvent`. */
export function writeRunEvent(entry: RunLogEntry): string {
  const known = textsOf(entry);
  known.json ??= JSON.stringify({ id: entry.id, at: toIso(entry.atMs), ...toEvent(entry.event) });
  return known.json;
}

/** Writes an entry as a server-sent event, with the blank line behind it. */
export function writeServerSentEvent(entry: RunLogEntry): string {
  const known = textsOf(entry);
  known.sse ??= `id: ${entry.id}\nevent: ${entry.event.type}\ndata: ${writeRunEvent(entry)}\n\n`;
  return known.sse;
}

/** Writes a page of events; `nextAfter` as in `RunEventList`. */
export function writeRunEventList(
  entries: readonly RunLogEntry[],
  nextAfter: number | null,
): string {
  return `{"data":[${entries.map(writeRunEvent).join(',')}],"next_after":${nextAfter}}`;
}

/** Writes a line of a run's log for people: time, level, node or logger, and what was said. */
export function writeLogLine({ atMs, event }: RunLogEntry): string {
  if (event.type !== 'log') return '';
  const { level, logger, node, message } = event;
  const from = [node, logger].filter((name) => name !== null).join(' ');
  // What follows a line break is indented, so that no message can pass for another line.
  const text = message.replaceAll(/\r\n?|\n/gu, '\n    ');
  return `${toIso(atMs)} ${level.toUpperCase().padEnd(8)} ${from === '' ? '' : `[${from}] `}${text}\n`;
}

function toEvent(event: RunLogEvent): object {
  switch (event.type) {
    case 'run.queued':
      return { type: event.type };
    case 'run.cancelling':
      return { type: event.type, reason: event.reason };
    case 'run.started':
      return { type: event.type, elapsed_ms: event.elapsedMs };
    case 'run.planned':
      return { type: event.type, elapsed_ms: event.elapsedMs, nodes: event.nodes };
    case 'node.started':
      return { type: event.type, elapsed_ms: event.elapsedMs, node: event.node };
    case 'node.finished':
      return {
        type: event.type,
        elapsed_ms: event.elapsedMs,
        node: event.node,
        duration_ms: event.durationMs,
      };
    case 'node.failed':
      return {
        type: event.type,
        elapsed_ms: event.elapsedMs,
        node: event.node,
        error: toError(event.error),
      };
    case 'dataset.loaded':
    case 'dataset.saved':
      return {
        type: event.type,
        elapsed_ms: event.elapsedMs,
        dataset: event.dataset,
        node: event.node,
        duration_ms: event.durationMs,
      };
    case 'log': {
      const { type, elapsedMs, level, logger, source, message, node } = event;
      return { type, elapsed_ms: elapsedMs, level, logger, source, message, node };
    }
    case 'output.ready':
      return {
        type: event.type,
        elapsed_ms: event.elapsedMs,
        output: event.output,
        kind: event.kind,
        data_type: event.dataType,
        bytes: event.bytes,
      };
    case 'output.failed':
      return {
        type: event.type,
        elapsed_ms: event.elapsedMs,
        output: event.output,
        error: toError(event.error),
      };
    case 'run.ended': {
      const { type, elapsedMs, status, durationMs, error } = event;
      return {
        type,
        elapsed_ms: elapsedMs,
        status,
        duration_ms: durationMs,
        error: error === null ? null : { ...toError(error), node: error.node },
      };
    }
  }
}

function toError({ type, message }: { readonly type: string; readonly message: string }) {
  return { type, message };
}
