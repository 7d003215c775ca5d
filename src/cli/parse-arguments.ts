import { parseArgs } from 'node:util';
import type { Option } from './option.ts';
import { UsageError } from './usage-error.ts';

export type OptionValues = ReadonlyMap<string, string | true>;

/** The value that an option was given; undefined where it was not. */
export function textOf(given: OptionValues, name: string): string | undefined {
  const value = given.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The value that an option was given, parsed; undefined where it was not. */
export function valueOf<T>(
  given: OptionValues,
  name: string,
  parse: (option: string, text: string) => T,
): T | undefined {
  const value = textOf(given, name);
  return value === undefined ? undefined : parse(name, value);
}

/**
 * Reads the arguments of `command`; the last of an option given twice counts. What is no option is
 * given to `onOperand`, or else refused. Throws `UsageError`.
 */
export function parseArguments(
  command: string,
  options: readonly Option[],
  args: readonly string[],
  onOperand?: (operand: string) => void,
): OptionValues {
  const { tokens } = parseArgs({
    args: args.map((arg) => toLong(arg, options)),
    options: Object.fromEntries(
      options.map(({ name, short, value }) => [
        name,
        {
          type: value === undefined ? 'boolean' : 'string',
          ...(short?.length === 1 && { short }),
        },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string | true>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional' && onOperand !== undefined) {
      onOperand(token.value);
      continue;
    }
    if (token.kind === 'positional') {
      throw new UsageError(
        `Unexpected argument '${token.value}'. '${command} --help' shows what it takes.`,
      );
    }
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) {
      throw new UsageError(
        `Unknown option '${token.rawName}'. '${command} --help' shows those there are.`,
      );
    }
    if (option.mayBeEmpty === true && token.value === '') {
      values.delete(option.name);
      continue;
    }
    const isNextOption = token.inlineValue === false && token.value.startsWith('--');
    values.set(option.name, toValue(option, token.rawName, isNextOption ? undefined : token.value));
  }
  return values;
}

/** Kedro has `-lv` and `-ns`, which are one option each, where others read two. */
function toLong(arg: string, options: readonly Option[]): string {
  const option = options.find(({ short = '' }) => short.length > 1 && arg === `-${short}`);
  return option === undefined ? arg : `--${option.name}`;
}

function toValue(option: Option, rawName: string, value: string | undefined): string | true {
  if (option.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`Option '${rawName}' takes no value, but was given '${value}'.`);
  }
  if (value === undefined || value === '') {
    throw new UsageError(`Option '${rawName}' needs a value: ${rawName} ${option.value}.`);
  }
  return value;
}
