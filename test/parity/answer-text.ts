import type { ServerProcess } from './server-process.ts';
import type { Answer } from './send-request.ts';

const comparedHeaders = ['content-type', 'allow', 'location', 'retry-after', 'www-authenticate'];
const runIdPattern = /"run_id":"(\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z)"/;
const durationPattern = /"duration_ms":\d+(\.\d{1,2})?(?=[,}])/g;
/** Kedro reads the files of one kind of configuration in the order of a set of paths. */
const duplicatePattern = /(?<=Duplicate keys found in )(\S+) and (\S+)(?=:)/g;
const addressPattern = /\b0x[0-9a-f]{6,}\b/g;
const uuidPattern = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Writes answers and files of one server as text in which only what must be equal is left. */
export interface AnswerText {
  /** Forgets the run ids, for the next case. */
  startCase(): void;
  /** Puts the real run ids of this case where `{{run N}}` stands. */
  fillIn(text: string): string;
  writeAnswer(answer: Answer): string;
  /** Status and body alone. */
  writeShort(answer: Answer): string;
  writeFiles(files: readonly (readonly [string, string])[]): string;
}

/**
 * Run ids become `<run N>` in the order of a case's answers, UUIDs `<uuid N>` in the order of a
 * server's life; the project's path, the address, durations and addresses in memory are named.
 */
export function createAnswerText({ url, projectPath }: ServerProcess): AnswerText {
  const host = new URL(url).host;
  const uuids: string[] = [];
  let runIds: string[] = [];

  function normalize(text: string): string {
    let plain = text.replaceAll(projectPath, '<project>').replaceAll(host, '<host>');
    runIds.forEach((id, index) => {
      plain = plain.replaceAll(id, `<run ${index + 1}>`);
    });
    return plain
      .replace(durationPattern, '"duration_ms":<ms>')
      .replace(duplicatePattern, (_, ...files: string[]) =>
        files.slice(0, 2).toSorted().join(' and '),
      )
      .replace(addressPattern, '<address>')
      .replace(uuidPattern, (uuid) => {
        if (!uuids.includes(uuid)) uuids.push(uuid);
        return `<uuid ${uuids.indexOf(uuid) + 1}>`;
      });
  }

  function noteRunId(body: string): void {
    const runId = runIdPattern.exec(body)?.[1];
    if (runId !== undefined && !runIds.includes(runId)) runIds.push(runId);
  }

  return {
    startCase: () => {
      runIds = [];
    },
    fillIn: (text) =>
      text.replace(/\{\{run (\d+)\}\}/g, (_, number: string) => runIds[Number(number) - 1] ?? ''),
    writeAnswer: ({ status, headers, body }) => {
      noteRunId(body);
      const lines = comparedHeaders.flatMap((name) => {
        const value = headers[name];
        return value === undefined ? [] : [`${name}: ${String(value)}`];
      });
      return normalize([String(status), ...lines, withSortedDatasets(body)].join('\n'));
    },
    writeShort: ({ status, body }) => {
      noteRunId(body);
      return normalize(`${status} ${body}`);
    },
    writeFiles: (files) =>
      normalize(files.map(([path, content]) => `--- ${path}\n${content}`).join('\n')),
  };
}

/** Datasets are listed in the order in which their files were read. */
function withSortedDatasets(body: string): string {
  if (!body.startsWith('{"status":"success","metadata":')) return body;
  const parsed = JSON.parse(body) as { datasets: Record<string, unknown> };
  if (JSON.stringify(parsed) !== body) return `${body}\n(not as compact as JSON can be)`;
  const entries = Object.entries(parsed.datasets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...parsed, datasets: Object.fromEntries(entries) });
}
