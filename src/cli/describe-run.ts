import type { Run, RunLogLine } from '../client/index.ts';
import { toSeconds } from './run-progress.ts';

/** Text of others on a terminal: control characters, which may do anything there, are shown. */
export function toPrintable(text: string): string {
  return text.replaceAll(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function pipelinesOf({ request }: Run): string {
  const names = request.pipeline_names ?? [];
  return names.length === 0 ? '__default__' : names.join(', ');
}

function progressOf({ progress }: Run): string {
  return `${progress.nodes_done}/${progress.nodes_total ?? '?'}`;
}

/** In the time zone of who reads it. */
function toMoment(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}

/** Empty where it has not begun, or nobody knows how long it went. */
function tookOf({ duration_ms: durationMs }: Run): string {
  return durationMs === null || durationMs === 0 ? '' : toSeconds(durationMs);
}

function labelsOf({ labels }: Run): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}:${value}`)
    .join(' ');
}

/** Runs as a table. */
export function toTable(runs: readonly Run[]): string {
  const rows = [
    ['ID', 'STATUS', 'NODES', 'CREATED', 'TOOK', 'PIPELINES', 'LABELS'],
    ...runs.map((run) => [
      run.id,
      run.status,
      progressOf(run),
      toMoment(run.created_at),
      tookOf(run),
      pipelinesOf(run),
      labelsOf(run),
    ]),
  ].map((row) => row.map(toPrintable));
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** What of a request was asked for, as a caller writes it. */
function requestOf({ request }: Run): string {
  const { pipeline_names: _, ...others } = request;
  const asked = Object.entries(others).filter(([, value]) => {
    const isEmpty = Array.isArray(value) && value.length === 0;
    return value !== null && value !== undefined && value !== false && value !== 0 && !isEmpty;
  });
  return asked.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ');
}

function outputsOf({ outputs, links }: Run, url: string): readonly string[] {
  return outputs.map(({ name, kind, bytes, error }) => {
    const link = links.outputs[name];
    const place = link === undefined ? '' : new URL(link, url).href;
    return error === null
      ? `${name} (${kind}, ${bytes} bytes) ${place}`
      : `${name}: ${error.type}: ${error.message}`;
  });
}

function placeOf({ position, waits_for: waitsFor, datasets }: NonNullable<Run['queue']>): string {
  const runs = waitsFor === null || waitsFor.length === 0 ? '' : `, for ${waitsFor.join(', ')}`;
  return `as number ${position}${runs}${datasets.length === 0 ? '' : `, at ${datasets.join(', ')}`}`;
}

/** A run, line by line; `url` is its server's. */
export function toDescription(run: Run, url: string): string {
  const { queue, error, progress } = run;
  const lines: readonly (readonly [string, string | null])[] = [
    ['Run', run.id],
    ['Status', run.status],
    ['Pipelines', pipelinesOf(run)],
    ['Request', requestOf(run)],
    ['Labels', labelsOf(run)],
    ['Created', toMoment(run.created_at)],
    ['Waiting', queue && placeOf(queue)],
    ['Started', run.started_at && toMoment(run.started_at)],
    ['Ended', run.ended_at && toMoment(run.ended_at) + (tookOf(run) && `, after ${tookOf(run)}`)],
    ['Progress', `${progressOf(run)} nodes`],
    ['Running', progress.nodes_running.join(', ')],
    ['Error', error && `${error.type}: ${error.message}`],
    ['In node', error?.node ?? null],
    ...outputsOf(run, url).map((line) => ['Output', line] as const),
    ['Retry of', run.retry_of && `${run.retry_of} (attempt ${run.attempt})`],
    ['Version', run.save_version],
    ['Trace', run.trace_id],
    ['Request id', run.request_id],
  ];
  return lines
    .flatMap(([name, text]) => (text === null || text === '' ? [] : [[name, text] as const]))
    .map(
      ([name, text]) =>
        `${name.padEnd(11)} ${toPrintable(text).replaceAll('\n', '\n            ')}\n`,
    )
    .join('');
}

/** A line of a run's log: time, level, node and logger, message. */
export function toLogText({ at, level, node, logger, message }: RunLogLine): string {
  const from = [node, logger].filter((name) => name !== null).join(' ');
  const text = toPrintable(message.trimEnd()).replaceAll('\n', '\n    ');
  return `${at} ${level.toUpperCase().padEnd(8)} ${from === '' ? '' : `[${toPrintable(from)}] `}${text}\n`;
}

const outcomes: Readonly<Record<string, string>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  timed_out: 'took too long',
  crashed: 'crashed',
  lost: 'was lost',
};

/** How a run ended, in a sentence. */
export function toOutcome(run: Run): string {
  const { status, error } = run;
  const after = tookOf(run) === '' ? '' : ` after ${tookOf(run)}`;
  if (status === 'succeeded') return `Succeeded${after}`;
  const node = error?.node ?? null;
  const where = node === null ? '' : ` in node '${node}'`;
  const why = error === null ? '' : `: ${error.type}: ${error.message}`;
  return toPrintable(`The run ${outcomes[status] ?? status}${where}${after}${why}`);
}
