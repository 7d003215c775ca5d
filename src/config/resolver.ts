import { ConfigError } from './config-error.ts';
import type { ContainerNode } from './config-node.ts';
import { type ConfigValue, OpaqueValue } from './config-value.ts';
import { fromPlain, toPlain } from './plain-value.ts';

/** What an interpolation stands for: a place in a tree, or a value of its own. */
export type Resolved = ContainerNode | ConfigValue;

/** Answers `${name:…}`; `container` is the mapping or list that the text stands in. */
export type Resolver = (args: readonly Resolved[], container: ContainerNode) => Resolved;

/** Throws `ConfigError` unless there are one to `most` arguments. */
export function takeArguments(
  resolver: string,
  args: readonly Resolved[],
  most: number,
): readonly (Resolved | undefined)[] {
  if (args.length >= 1 && args.length <= most) return args;
  const counts = most === 1 ? 'one argument' : `one to ${most} arguments`;
  throw new ConfigError('interpolation-failed', `${resolver} takes ${counts}, not ${args.length}`);
}

export function wrongArgument(resolver: string, wanted: string): ConfigError {
  return new ConfigError('interpolation-failed', `${resolver} must be given ${wanted}`);
}

interface CustomResolverMethod {
  resolve(...args: readonly unknown[]): unknown;
}

/**
 * A resolver as a project writes it: plain values in, a plain value out, at once. Its parameters
 * may be of any type; what a configuration gives is the project's to check.
 */
export type CustomResolver = CustomResolverMethod['resolve'];

/** `toValue` resolves what lies below an argument that is a place in a tree. */
export function fromCustomResolver(
  name: string,
  resolver: CustomResolver,
  toValue: (resolved: Resolved) => ConfigValue,
): Resolver {
  return (args) => {
    const plain = args.map((arg) => toPlain(toValue(arg)));
    const result = fromPlain(resolver(...plain));
    if (result instanceof OpaqueValue && result.value instanceof Promise) {
      const message = `The resolver "${name}" returned a promise; a resolver must answer at once.`;
      throw new ConfigError('interpolation-failed', message);
    }
    return result;
  };
}
