import { nameList } from './name-list.ts';
import type { NodeFunction } from './node-function.ts';
import { sha256Hex } from './sha256.ts';

const boundPrefix = /^(?:bound )+/u;

/** Whether Kedro takes this as the name or a tag of a node (Python's `\w`, `.` and `-`). */
export function isValidName(name: string): boolean {
  return /^[\p{L}\p{N}_.-]+$/u.test(name);
}

/**
 * A function's name for people: `<lambda>` for one without a name and `partial(f)` for a bound
 * one, as Python's functions of these kinds are called.
 */
export function readableFunctionName(func: NodeFunction): string {
  if (func.name === '') return '<lambda>';
  const unbound = func.name.replace(boundPrefix, '');
  return unbound === func.name ? func.name : `partial(${unbound})`;
}

/**
 * The name of a node that was given none: its function's, and eight digits of a SHA-256 over the
 * function and its datasets. Kedro also hashes the Python module; a JavaScript function has none,
 * so every function counts as one of the module `__main__`.
 */
export function defaultNodeName(
  funcName: string,
  inputs: readonly string[],
  outputs: readonly string[],
): string {
  const qualified = funcName.startsWith('partial(') ? funcName : `__main__.${funcName}`;
  const hash = sha256Hex(`${qualified}|${nameList(inputs)}|${nameList(outputs)}`);
  return `${funcName}__${hash.slice(0, 8)}`;
}

/** `Train Model` for both `train_model` and `trainModel`. */
export function titleOf(funcName: string): string {
  return funcName
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .replaceAll('_', ' ')
    .replaceAll(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}
