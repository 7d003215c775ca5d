import { isList, isNumber, isObject, type PythonJson } from './python-json.ts';
import type { RequestProblem } from './request-invalid.ts';

/**
 * Problems that are told of one request. pydantic tells all, which makes 50 MB out of a body of
 * 1 MB; what is told here is what it tells first.
 */
export const MAX_PROBLEMS = 10_000;

/** Names in a list, and members of an object of names. */
export const MAX_NAMES = 10_000;
/** UTF-16 units of a name, and of any other text that has no limit of its own. */
export const MAX_NAME_LENGTH = 1000;

type Members = ReadonlyMap<string, PythonJson>;
type Place = readonly (string | number)[];

const trueWords: ReadonlySet<string> = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const falseWords: ReadonlySet<string> = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

/**
 * Reads the members of a request's body as pydantic does in its lax mode. What is wrong is
 * collected in `problems`, in the order of reading; the value read is then null, or the default.
 */
export class RequestFields {
  readonly problems: RequestProblem[];
  readonly #members: Members;
  readonly #place: Place;

  constructor(members: Members, place: Place = ['body'], problems: RequestProblem[] = []) {
    this.#members = members;
    this.#place = place;
    this.problems = problems;
  }

  /** Says what is wrong with what was sent at a place below this object. */
  complain(type: string, loc: Place, msg: string, input: PythonJson, ctx?: PythonJson): null {
    if (this.problems.length < MAX_PROBLEMS) {
      this.problems.push({ type, loc: [...this.#place, ...loc], msg, input, ctx });
    }
    return null;
  }

  /** What was sent, null included. */
  raw(field: string): PythonJson | undefined {
    return this.#members.get(field);
  }

  text(field: string, maxLength = MAX_NAME_LENGTH): string | null {
    const input = this.raw(field) ?? null;
    return input === null ? null : this.#textAt([field], input, maxLength);
  }

  names(field: string): readonly string[] | null {
    const input = this.raw(field) ?? null;
    if (input === null) return null;
    if (!isList(input)) {
      return this.complain('list_type', [field], 'Input should be a valid list', input);
    }
    if (input.length > MAX_NAMES) return this.#tooLong('List', field, input.length);
    return input.map((item, index) => this.#textAt([field, index], item) ?? '');
  }

  object(field: string): Members | null {
    const input = this.raw(field) ?? null;
    if (input === null || isObject(input)) return input;
    return this.complain('dict_type', [field], 'Input should be a valid dictionary', input);
  }

  /** The members of an object whose names are names. */
  named(field: string): Members | null {
    const members = this.object(field);
    if (members === null) return null;
    if (members.size > MAX_NAMES) return this.#tooLong('Dictionary', field, members.size);
    for (const key of members.keys()) {
      if (key.length > MAX_NAME_LENGTH) this.#textTooLong([field, '[key]'], MAX_NAME_LENGTH);
    }
    return members;
  }

  texts(field: string): Readonly<Record<string, string>> | null {
    const members = this.named(field);
    if (members === null) return null;
    // fromEntries() defines its keys, so `__proto__` is one like any other.
    return Object.fromEntries(
      Array.from(members, ([key, member]) => [key, this.#textAt([field, key], member) ?? '']),
    );
  }

  /** Complains of fields that may be left out, but not be null. */
  refuseNull(...names: readonly string[]): void {
    for (const name of names) {
      if (this.raw(name) === null) {
        this.complain('none_not_allowed', [name], 'Input should not be null', null);
      }
    }
  }

  /** A whole number, without a fraction and not in quotes. */
  integer(field: string, min: number, max = Number.MAX_SAFE_INTEGER): number | null {
    const input = this.raw(field) ?? null;
    if (input === null) return null;
    const value = isNumber(input) ? Number(input.text) : Number.NaN;
    if (!Number.isInteger(value)) {
      return this.complain('int_type', [field], 'Input should be a valid integer', input);
    }
    if (value < min) {
      const msg = `Input should be greater than or equal to ${min}`;
      return this.complain('greater_than_equal', [field], msg, input);
    }
    if (value <= max) return value;
    const msg = `Input should be less than or equal to ${max}`;
    return this.complain('less_than_equal', [field], msg, input);
  }

  /** One of these texts. */
  choice<Choice extends string>(field: string, choices: readonly Choice[]): Choice | null {
    const input = this.raw(field) ?? null;
    if (input === null) return null;
    return this.#choiceAt([field], input, choices);
  }

  /** An object whose members are each one of these texts. */
  choices<Choice extends string>(
    field: string,
    choices: readonly Choice[],
  ): Readonly<Record<string, Choice>> | null {
    const members = this.named(field);
    if (members === null) return null;
    const read = Array.from(members, ([key, member]) => {
      const choice = this.#choiceAt([field, key], member, choices);
      return choice === null ? [] : [[key, choice] as const];
    });
    return Object.fromEntries(read.flat());
  }

  /** The members of an object within this one; what is wrong in it is told here. */
  nested(field: string): RequestFields | null {
    const members = this.object(field);
    return members && new RequestFields(members, [...this.#place, field], this.problems);
  }

  /** False when it is not there. */
  flag(field: string): boolean {
    const input = this.raw(field);
    const result = input === undefined ? false : readBoolean(input);
    if (typeof result === 'boolean') return result;
    const detail = result === 'bool_parsing' ? ', unable to interpret input' : '';
    this.complain(result, [field], `Input should be a valid boolean${detail}`, input ?? null);
    return false;
  }

  /** Complains of the members that are not known, in the body's order. */
  refuseOthers(known: ReadonlySet<string>): void {
    for (const [key, input] of this.#members) {
      if (!known.has(key)) {
        this.complain('extra_forbidden', [key], 'Extra inputs are not permitted', input);
      }
    }
  }

  #choiceAt<Choice extends string>(
    loc: Place,
    input: PythonJson,
    choices: readonly Choice[],
  ): Choice | null {
    const found = choices.find((choice) => choice === input);
    if (found !== undefined) return found;
    const list = choices.map((choice) => `'${choice}'`).join(', ');
    return this.complain('enum', loc, `Input should be one of ${list}`, input);
  }

  #textAt(loc: Place, input: PythonJson, maxLength = MAX_NAME_LENGTH): string | null {
    if (typeof input !== 'string') {
      return this.complain('string_type', loc, 'Input should be a valid string', input);
    }
    return input.length > maxLength ? this.#textTooLong(loc, maxLength) : input;
  }

  /** What was sent is not repeated: it is too long for that, too. */
  #textTooLong(loc: Place, maxLength: number): null {
    const msg = `String should have at most ${maxLength} characters`;
    return this.complain('string_too_long', loc, msg, null, lengths({ max_length: maxLength }));
  }

  #tooLong(kind: 'List' | 'Dictionary', field: string, length: number): null {
    const msg = `${kind} should have at most ${MAX_NAMES} items after validation, not ${length}`;
    const ctx = lengths({ max_length: MAX_NAMES, actual_length: length });
    return this.complain('too_long', [field], msg, null, ctx);
  }
}

function lengths(of: Readonly<Record<string, number>>): PythonJson {
  return new Map(
    Object.entries(of).map(([name, length]) => [name, { kind: 'int', text: String(length) }]),
  );
}

/** Reads a boolean as pydantic's lax mode does, or names the error that it reports. */
function readBoolean(input: PythonJson): boolean | 'bool_type' | 'bool_parsing' {
  if (typeof input === 'boolean') return input;
  if (typeof input === 'string') {
    const word = input.toLowerCase();
    if (trueWords.has(word)) return true;
    return falseWords.has(word) ? false : 'bool_parsing';
  }
  if (!isNumber(input)) return 'bool_type';
  const value = Number(input.text);
  const fits =
    input.kind === 'int'
      ? BigInt.asIntN(64, BigInt(input.text)) === BigInt(input.text)
      : Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  if (!fits) return 'bool_type';
  if (value === 1) return true;
  return value === 0 ? false : 'bool_parsing';
}
