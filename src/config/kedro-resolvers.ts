import { ConfigError } from './config-error.ts';
import { type DictNode, isContainer, rawValue } from './config-node.ts';
import { EscapedMissing, textOf } from './config-value.ts';
import { pythonStr } from './python-text.ts';
import type { Resolution } from './resolution.ts';
import { type Resolver, takeArguments, wrongArgument } from './resolver.ts';
import { selectKey } from './select-key.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `${oc.env:NAME}` and `${oc.env:NAME, default}` */
export function createEnvResolver(environment: Environment): Resolver {
  return (args) => {
    const [name, fallback] = takeArguments('oc.env', args, 2);
    const key = textOf(name);
    if (key === undefined) throw wrongArgument('oc.env', 'the name of a variable');
    const value = Object.hasOwn(environment, key) ? environment[key] : undefined;
    if (value !== undefined) return value;
    if (fallback === undefined) {
      throw new ConfigError('interpolation-failed', `the environment variable "${key}" is not set`);
    }
    if (fallback === null || fallback instanceof EscapedMissing) return fallback;
    return pythonStr(isContainer(fallback) ? rawValue(fallback) : fallback);
  };
}

/** `${globals:key}`, `${globals:key, default}` */
export function createGlobalsResolver(
  getTree: () => DictNode,
  getResolution: () => Resolution,
): Resolver {
  const resolver = createTreeResolver('globals', getTree, getResolution);
  return (args, container) => {
    if (textOf(args[0])?.startsWith('_') !== true) return resolver(args, container);
    const message = 'globals that start with "_" cannot be asked for';
    throw new ConfigError('interpolation-failed', message);
  };
}

/** `${runtime_params:key}`, `${runtime_params:key, default}` */
export function createRuntimeParamsResolver(
  getTree: () => DictNode,
  getResolution: () => Resolution,
): Resolver {
  return createTreeResolver('runtime_params', getTree, getResolution);
}

/** The resolver for `${globals:…}` in the globals themselves: there is nothing to look into yet. */
export function refuseGlobals(): never {
  throw new ConfigError('interpolation-failed', 'globals cannot be asked for in the globals');
}

function createTreeResolver(
  name: string,
  getTree: () => DictNode,
  getResolution: () => Resolution,
): Resolver {
  return (args) => {
    const [variable, fallback] = takeArguments(name, args, 2);
    const path = textOf(variable);
    if (path === undefined) throw wrongArgument(name, 'a key');
    const found = selectKey(getTree(), path, getResolution());
    if (found !== undefined) return found;
    if (fallback !== undefined) return fallback;
    const message = `${name} holds no "${path}", and no default is given`;
    throw new ConfigError('interpolation-failed', message);
  };
}
