import type { GuardOptions } from '../adapters/node.ts';
import { createHostCheck, isLoopbackAddress, loopbackHosts } from '../door/host-check.ts';
import { createPageCheck } from '../door/page-check.ts';
import type { Option } from './option.ts';
import type { OptionValues } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

/** What `kedro-server start` was told of who may call. */
export interface DoorOptions {
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly allowAnonymous: boolean;
}

export const DOOR_OPTIONS: readonly Option[] = [
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
  const list = (name: string): readonly string[] | undefined => {
    const text = given.get(name);
    return typeof text === 'string' ? text.split(',').map((item) => item.trim()) : undefined;
  };
  return {
    allowedHosts: list('allowed-hosts'),
    allowedOrigins: list('allowed-origins'),
    allowAnonymous: given.has('allow-anonymous'),
  };
}

/**
 * What the server on an address asks of requests. On loopback they have to call it by a name of
 * loopback. Throws `UsageError` where strangers could call it, `ServerSettingsError` for a host or an
 * origin that is none.
 */
export function toGuards(host: string, options: DoorOptions): GuardOptions {
  const { allowedOrigins = [], allowAnonymous } = options;
  const isLocal = isLoopbackAddress(host);
  if (!isLocal && !allowAnonymous) throw openToStrangers(host);
  const ownNames = [...loopbackHosts, host.includes(':') ? `[${host}]` : host];
  const given = options.allowedHosts;
  const allowedHosts = isLocal ? [...ownNames, ...(given ?? [])] : given;
  createHostCheck(allowedHosts ?? []);
  createPageCheck(allowedOrigins);
  return { allowedHosts, allowedOrigins };
}

function openToStrangers(host: string): UsageError {
  return new UsageError(
    `On '${host}' every machine that reaches it could run pipelines, and the server knows nobody. Leave '--host' out to serve this machine only; or, where something in front checks who calls, add '--allow-anonymous'.`,
  );
}
