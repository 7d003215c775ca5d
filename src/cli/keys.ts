import { type Scope, scopes } from '../door/principal.ts';
import { createKey, type KeyRequest } from '../door/stored-key.ts';
import { appendKey } from './keys-file.ts';
import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf } from './parse-arguments.ts';
import { parseChoice, parseInteger } from './parse-value.ts';
import { UsageError } from './usage-error.ts';

/** What `kedro-server keys new` was told. */
export interface NewKeyOptions extends KeyRequest {
  readonly file: string | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;

const OPTIONS: readonly Option[] = [
  {
    name: 'scopes',
    value: '<names>',
    help: `What it may do, of ${scopes.join(', ')} [read,run,cancel]`,
  },
  { name: 'pipelines', value: '<names>', help: 'Pipelines that it may run [all]' },
  { name: 'days', value: '<number>', help: 'Days after which it ends [never]' },
  { name: 'file', value: '<path>', help: 'File of keys that it is put into [none: it is shown]' },
  { name: 'help', short: 'h', help: 'Show this text' },
];

export const KEYS_HELP = `Usage: kedro-server keys new <name> [options]

Makes a key for callers of a server, and shows it this once. The server is given a line without the
key: in a file by 'start --keys', or in the variable KEDRO_SERVER_KEYS. Keys of the same name see the
same runs; 'admin' sees all. To take a key back, remove its line and start the server again.

Options:
${toHelpLines(OPTIONS)}

Examples:
  kedro-server keys new ci --file keys.jsonl
  kedro-server keys new grafana --scopes read --days 365 --file keys.jsonl
`;

/** Reads the arguments of `keys`; null when they ask for its help. Throws `UsageError`. */
export function parseKeysOptions([action, ...args]: readonly string[]): NewKeyOptions | null {
  if (action === undefined || action === '--help' || action === '-h') return null;
  if (action !== 'new') {
    throw new UsageError(
      `Unknown action '${action}'. 'kedro-server keys --help' shows those there are.`,
    );
  }
  const names: string[] = [];
  const given = parseArguments('kedro-server keys', OPTIONS, args, (name) => names.push(name));
  if (given.has('help')) return null;
  const text = (name: string): string | undefined => textOf(given, name);
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new UsageError('A key has one name, of who calls with it: kedro-server keys new ci.');
  }
  const asked = (text('scopes') ?? 'read,run,cancel').split(',');
  const days = text('days');
  return {
    name,
    scopes: asked.map((scope): Scope => parseChoice('scopes', scope, scopes)),
    pipelines: text('pipelines')?.split(','),
    expires:
      days === undefined
        ? undefined
        : new Date(Date.now() + parseInteger('days', days, 1, 100_000) * dayMs),
    file: text('file'),
  };
}

/** Makes a key. Throws `ServerSettingsError` when the file cannot be written. */
export async function newKey({ file, ...request }: NewKeyOptions): Promise<void> {
  const { key, stored } = await createKey(request);
  if (file !== undefined) await appendKey(file, stored);
  const place =
    file === undefined
      ? `For the server: ${JSON.stringify(stored)}\n`
      : `Added to ${file}: kedro-server start --keys ${file}\n`;
  process.stdout.write(`Key of ${request.name}, shown this once: ${key}\n${place}`);
}
