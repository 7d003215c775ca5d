import {
  type Client,
  createClient,
  ProblemError,
  type Run,
  ServerUnreachable,
} from '../client/index.ts';
import { closeMatches } from '../names/close-matches.ts';
import { toDescription, toLogText, toTable } from './describe-run.ts';
import type { ListOptions, RunsOptions, RunsTarget } from './runs-options.ts';
import { watchRun } from './watch-run.ts';

/** Who types a command waits for its answer. */
const RETRY_FOR_MS = 1000;
const PAGE = 200;

/** Looks after runs of a server. Resolves to the exit code: 0, or 1 for a failure. */
export async function runs(options: RunsOptions): Promise<number> {
  const { url, token } = options;
  const client = createClient({ url, token, retryForMs: RETRY_FOR_MS });
  try {
    return await act(client, options);
  } catch (error) {
    process.stderr.write(`kedro-server: ${await explain(client, options, error)}\n`);
    return 1;
  }
}

async function act(client: Client, options: RunsOptions): Promise<number> {
  switch (options.action) {
    case 'list': {
      const { found, hasMore } = await list(client, options);
      write(options, found, () => toTable(found));
      if (hasMore && !options.json) process.stderr.write('There are more: raise --limit.\n');
      return 0;
    }
    case 'show': {
      const run = await client.get(options.id);
      write(options, [run], () => toDescription(run, options.url));
      return 0;
    }
    case 'watch':
      return watchRun(client, options);
    case 'cancel': {
      const run = await client.cancel(options.id);
      write(options, [run], () => `Run ${run.id} is asked to stop (${run.status}).\n`);
      return 0;
    }
    case 'logs':
      await writeLogs(client, options);
      return 0;
    case 'retry': {
      const run = await client.retry(options.id, { from: options.from });
      write(
        options,
        [run],
        () => `Run ${run.id} is attempt ${run.attempt}: kedro-server runs watch ${run.id}\n`,
      );
      return 0;
    }
  }
}

function write({ json }: RunsTarget, found: readonly Run[], toText: () => string): void {
  const text = json ? found.map((run) => `${JSON.stringify(run)}\n`).join('') : toText();
  process.stdout.write(text);
}

async function list(
  client: Client,
  { status, pipeline, labels, limit }: ListOptions,
): Promise<{ readonly found: readonly Run[]; readonly hasMore: boolean }> {
  const found: Run[] = [];
  let cursor: string | null = null;
  do {
    const page = await client.list({
      status,
      pipeline,
      labels,
      limit: Math.min(PAGE, limit - found.length),
      ...(cursor !== null && { cursor }),
    });
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < limit);
  return { found, hasMore: cursor !== null };
}

async function writeLogs(
  client: Client,
  { id, json, follow }: { id: string; json: boolean; follow: boolean },
): Promise<void> {
  const { last_event_id: last, ended_at: endedAt } = await client.get(id);
  if (last === 0) return;
  for await (const event of client.follow(id)) {
    if (event.type === 'log') {
      process.stdout.write(json ? `${JSON.stringify(event)}\n` : toLogText(event));
    }
    if (!follow && endedAt === null && event.id >= last) return;
  }
}

/** What went wrong, and what to do. */
async function explain(client: Client, options: RunsOptions, error: unknown): Promise<string> {
  if (error instanceof ServerUnreachable) {
    return `${error.message}. Start a server with 'kedro-server start', or name another one with --url or KEDRO_SERVER_URL.`;
  }
  if (!(error instanceof ProblemError)) throw error;
  if (error.status === 401 || error.status === 403) {
    return `${error.message} Name a token that may do this with --token or KEDRO_SERVER_TOKEN.`;
  }
  if (error.code === 'run-unknown' && 'id' in options) {
    const { data } = await client.list({ limit: PAGE });
    const close = closeMatches(
      [options.id],
      data.map(({ id }) => id),
    );
    const hint = close.length === 0 ? '' : ` Did you mean ${close.join(' or ')}?`;
    return `There is no run '${options.id}' at ${options.url}.${hint} 'kedro-server runs list' shows those there are.`;
  }
  if (error.code.startsWith('http-')) {
    return `${options.url} is no server of runs (${error.message}). Look at --url and KEDRO_SERVER_URL.`;
  }
  return error.message;
}
