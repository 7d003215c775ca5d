import type { Logger } from 'pino';
import type { AuthOptions, GuardOptions } from '../adapters/node.ts';
import { createHostCheck, isLoopbackAddress, loopbackHosts } from '../door/host-check.ts';
import { createPageCheck } from '../door/page-check.ts';
import type { PrincipalLimits } from '../door/principal.ts';
import type { StoredKeys } from '../door/key-ring.ts';
import { parseKeys } from '../door/stored-key.ts';
import type { FileWatch } from '../nodejs/watch-files.ts';
import { openKeysFile } from './keys-file.ts';
import type { Option } from './option.ts';
import { type OptionValues, textOf, valueOf } from './parse-arguments.ts';
import { parseInteger, parseList } from './parse-value.ts';
import { UsageError } from './usage-error.ts';

/** What `kedro-server start` was told of who may call. */
export interface DoorOptions {
  readonly keys?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly jwks?: string | undefined;
  readonly limits?: PrincipalLimits | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly allowAnonymous: boolean;
}

const keysVariable = 'KEDRO_SERVER_KEYS';

export const DOOR_OPTIONS: readonly Option[] = [
  { name: 'keys', value: '<path>', help: "File of 'kedro-server keys new' with who may call" },
  { name: 'issuer', value: '<url>', help: 'Issuer of JSON Web Tokens of callers' },
  { name: 'audience', value: '<name>', help: 'What its tokens call this server' },
  { name: 'jwks', value: '<url>', help: "Where the issuer's keys are" },
  { name: 'rate', value: '<number>', help: 'Requests a minute that a caller may send [no limit]' },
  { name: 'open-runs', value: '<number>', help: 'Runs that a caller may have open [no limit]' },
  {
    name: 'allowed-hosts',
    value: '<names>',
    help: 'Further names that it may be called by, with commas between',
  },
  {
    name: 'allowed-origins',
    value: '<origins>',
    help: 'Pages that may call it, like https://app.example.org [none]',
  },
  {
    name: 'allow-anonymous',
    help: 'Ask nobody who calls on any network: something in front does',
  },
];

export function readDoorOptions(given: OptionValues): DoorOptions {
  const text = (name: string): string | undefined => textOf(given, name);
  const list = (name: string): readonly string[] | undefined => valueOf(given, name, parseList);
  const count = (name: string): number | undefined =>
    valueOf(given, name, (option, value) => parseInteger(option, value, 1, 1_000_000));
  return {
    keys: text('keys'),
    issuer: text('issuer'),
    audience: text('audience'),
    jwks: text('jwks'),
    limits: { requestsPerMinute: count('rate'), openRuns: count('open-runs') },
    allowedHosts: list('allowed-hosts'),
    allowedOrigins: list('allowed-origins'),
    allowAnonymous: given.has('allow-anonymous'),
  };
}

export interface Door {
  readonly guards: GuardOptions & { readonly auth: AuthOptions | undefined };
  /** Takes what changes in the file of keys; null without one. */
  watch(logger: Logger): FileWatch | null;
}

/**
 * What the server on an address asks of requests. On loopback they have to call it by a name of
 * loopback. Throws `UsageError` where strangers could call it, `ServerSettingsError` for a host, an
 * origin or a key that is none.
 */
export async function openDoor(host: string, options: DoorOptions): Promise<Door> {
  const { allowedOrigins = [], allowAnonymous } = options;
  const variable = process.env[keysVariable] ?? '';
  const ofVariable = parseKeys(variable, `the variable ${keysVariable}`);
  const file = options.keys === undefined ? null : await openKeysFile(options.keys, ofVariable);
  const auth = toAuth(options, file?.keys ?? (variable === '' ? null : ofVariable));
  if (auth !== undefined && allowAnonymous) {
    throw new UsageError(
      "Option '--allow-anonymous' lets everybody in, but there are keys or an issuer too. Leave one of them out.",
    );
  }
  const isLocal = isLoopbackAddress(host);
  if (!isLocal && !allowAnonymous && auth === undefined) throw openToStrangers(host);
  const ownNames = [...loopbackHosts, host.includes(':') ? `[${host}]` : host];
  const given = options.allowedHosts;
  const allowedHosts = isLocal ? [...ownNames, ...(given ?? [])] : given;
  createHostCheck(allowedHosts ?? []);
  createPageCheck(allowedOrigins);
  return {
    guards: { allowedHosts, allowedOrigins, auth },
    watch: (logger) => file?.watch(logger) ?? null,
  };
}

/** `keys` is null where none were named. */
function toAuth(options: DoorOptions, keys: StoredKeys | null): AuthOptions | undefined {
  const { limits } = options;
  const issuer = toIssuer(options);
  if (keys === null && issuer === undefined) {
    if (Object.values(limits ?? {}).every((limit) => limit === undefined)) return undefined;
    throw new UsageError(
      "Options '--rate' and '--open-runs' are by caller, and the server knows none. Add '--keys' or '--issuer'.",
    );
  }
  return { keys: keys ?? [], issuer, limits };
}

function toIssuer({ issuer, audience, jwks }: DoorOptions): AuthOptions['issuer'] {
  if (issuer === undefined && audience === undefined && jwks === undefined) return undefined;
  if (issuer === undefined || audience === undefined || jwks === undefined) {
    throw new UsageError(
      "Options '--issuer', '--audience' and '--jwks' belong together: whose tokens, meant for whom, and where the keys are that they are signed with.",
    );
  }
  if (/^https?:/.test(jwks) && URL.canParse(jwks)) return { issuer, audience, jwks };
  throw new UsageError(
    `Invalid value for '--jwks': '${jwks}' is no address, such as https://login.example.org/.well-known/jwks.json.`,
  );
}

function openToStrangers(host: string): UsageError {
  return new UsageError(
    `On '${host}' every machine that reaches it could run pipelines, and the server knows nobody. Leave '--host' out to serve this machine only; or make a key with 'kedro-server keys new NAME --file keys.jsonl' and add '--keys keys.jsonl'; or, where something in front checks who calls, add '--allow-anonymous'.`,
  );
}
