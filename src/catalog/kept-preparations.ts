import { type ConfigResolver, createConfigResolver } from './config-resolver.ts';
import { nameParameters } from './parameters.ts';

type Config = Readonly<Record<string, unknown>>;

const nothing: Config = Object.freeze({});
const resolvers = new WeakMap<Config, WeakMap<Config, ConfigResolver>>();
const parameterNames = new WeakMap<Config, ReadonlyMap<string, unknown>>();

function kept<V>(values: WeakMap<Config, V>, key: Config, make: () => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  // What is frozen is so at every depth, as a project's configuration is; the rest may yet change.
  if (Object.isFrozen(key)) values.set(key, made);
  return made;
}

/**
 * The resolver of a catalog's configuration, without entries that begin with `_`; the same one for
 * the same frozen objects. Throws as `createConfigResolver` does.
 */
export function keptResolver(
  config: Config = nothing,
  credentials: Config = nothing,
): ConfigResolver {
  const byCredentials = kept(resolvers, config, () => new WeakMap<Config, ConfigResolver>());
  return kept(byCredentials, credentials, () => {
    const shown = Object.entries(config).filter(([name]) => !name.startsWith('_'));
    return createConfigResolver(Object.fromEntries(shown), credentials);
  });
}

/** `nameParameters`; the same map for the same frozen object. */
export function keptParameters(parameters: Config | undefined): ReadonlyMap<string, unknown> {
  if (parameters === undefined) return new Map();
  return kept(parameterNames, parameters, () => nameParameters(parameters));
}
