import { ConfigError } from './config-error.ts';
import { createContainer } from './build-tree.ts';
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  RUNTIME_PARAMS,
} from './config-node.ts';
import { type ConfigValue, ConfigMap, EscapedMissing, isList, textOf } from './config-value.ts';
import { parseElement } from './interpolation-parser.ts';
import { pythonStr } from './python-text.ts';
import type { Resolution } from './resolution.ts';
import { type Resolved, type Resolver, takeArguments, wrongArgument } from './resolver.ts';
import { selectKeyFromRoot } from './select-key.ts';
import { readYaml, toMapping } from './yaml-file.ts';

/** The resolvers of OmegaConf that Kedro leaves in place, without those that need Python. */
export function createOmegaconfResolvers(
  getResolution: () => Resolution,
): readonly (readonly [string, Resolver])[] {
  const select = (name: string, key: Resolved | undefined, container: ContainerNode) => {
    const path = textOf(key);
    if (path === undefined) throw wrongArgument(name, 'a key');
    return selectKeyFromRoot(container, path, getResolution());
  };
  const selectDict = (name: string, key: Resolved | undefined, container: ContainerNode) => {
    const dict = select(name, key, container);
    if (dict instanceof DictNode) return dict;
    throw wrongArgument(name, 'the key of a mapping');
  };
  const valueOf = (node: ConfigNode) => {
    const resolution = getResolution();
    return resolution.toValue(resolution.dereference(node));
  };
  /** How what a resolver makes is read again: as data, where data went in. */
  const created = () =>
    getResolution().seesData ? { literal: true, origin: RUNTIME_PARAMS } : undefined;
  return [
    [
      'oc.create',
      (args, container) => create(takeArguments('oc.create', args, 1)[0], container, created()),
    ],
    [
      'oc.decode',
      (args, container) => {
        const [text = null] = takeArguments('oc.decode', args, 1);
        if (text === null || text instanceof EscapedMissing) return text;
        if (typeof text !== 'string') throw wrongArgument('oc.decode', 'a text');
        if (getResolution().seesData && text.includes('${')) return text;
        return getResolution().evaluateElement(parseElement(text), container);
      },
    ],
    [
      'oc.select',
      (args, container) => {
        const [key, fallback = null] = takeArguments('oc.select', args, 2);
        const found = select('oc.select', key, container);
        return found === undefined ? fallback : found;
      },
    ],
    [
      'oc.dict.keys',
      (args, container) => {
        const [key] = takeArguments('oc.dict.keys', args, 1);
        const dict = selectDict('oc.dict.keys', key, container);
        const keys = Array.from(dict.children(), (child) => child.key);
        return createContainer(keys, container, created());
      },
    ],
    [
      'oc.dict.values',
      (args, container) => {
        const [key] = takeArguments('oc.dict.values', args, 1);
        const dict = selectDict('oc.dict.values', key, container);
        if (getResolution().seesData) {
          const values = Array.from(dict.children(), (child) => valueOf(child));
          return createContainer(values, container, created());
        }
        const path = textOf(key) ?? '';
        const fromList = path.startsWith('.') ? `.${path}` : path;
        const references = Array.from(
          dict.children(),
          (child) => `\${${fromList}.${pythonStr(child.key)}}`,
        );
        return createContainer(references, container);
      },
    ],
  ];
}

/** A mapping or list of its own, in which keys can be looked up; a text is read as YAML. */
function create(
  given: Resolved | undefined,
  container: ContainerNode,
  options: Parameters<typeof createContainer>[2],
): Resolved {
  if (given === null || given === undefined) return null;
  if (isContainer(given)) {
    const copy = given.copy();
    copy.parent = container;
    return copy;
  }
  const value = typeof given === 'string' ? readCreated(given) : given;
  if (value instanceof ConfigMap || isList(value))
    return createContainer(value, container, options);
  throw new ConfigError(
    'config-value-unsupported',
    'oc.create must be given a mapping, a list or YAML',
  );
}

function readCreated(text: string): ConfigValue {
  const value = readYaml(text);
  return isList(value) ? value : toMapping(value);
}
