import { ConfigError } from './config-error.ts';

/** The kinds of token of OmegaConf 2.4's grammar that its parser tells apart. */
export type TokenType =
  | 'text'
  | 'escapedInterpolation'
  | 'topEscape'
  | 'quotedEscape'
  | 'escape'
  | 'open'
  | 'close'
  | 'braceOpen'
  | 'braceClose'
  | 'bracketOpen'
  | 'bracketClose'
  | 'quoteOpen'
  | 'quoteClose'
  | 'comma'
  | 'colon'
  | 'dot'
  | 'id'
  | 'key'
  | 'float'
  | 'int'
  | 'bool'
  | 'null'
  | 'character'
  | 'space'
  | 'end';

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly start: number;
}

type Mode = 'top' | 'value' | 'reference' | 'single' | 'double';

type Rule = readonly [type: TokenType, pattern: RegExp];

/** In OmegaConf's order: the longest match wins, of equal ones the first. */
const VALUE_RULES: readonly Rule[] = [
  ['open', /\$\{[ \t]*/y],
  ['braceOpen', /\{[ \t]*/y],
  ['braceClose', /[ \t]*\}/y],
  ['quoteOpen', /['"]/y],
  ['comma', /[ \t]*,[ \t]*/y],
  ['bracketOpen', /\[[ \t]*/y],
  ['bracketClose', /[ \t]*\]/y],
  ['colon', /[ \t]*:[ \t]*/y],
  [
    'float',
    /[+-]?(?:(?:(?:0|[1-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|(?:0|[1-9](?:_?[0-9])*)\.?)[eE][+-]?[0-9](?:_?[0-9])*|(?:0|[1-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|(?:0|[1-9](?:_?[0-9])*)\.|[Ii][Nn][Ff]|[Nn][Aa][Nn])/y,
  ],
  ['int', /[+-]?(?:0|[1-9](?:_?[0-9])*)/y],
  ['bool', /true|false/iy],
  ['null', /null/iy],
  ['character', /[/\-\\+.$%*@?|]/y],
  ['id', /[a-zA-Z_][a-zA-Z0-9_-]*/y],
  ['escape', /(?:\\[\\()[\]{}:=, \t])+/y],
  ['space', /[ \t]+/y],
];

const REFERENCE_RULES: readonly Rule[] = [
  ['open', /\$\{[ \t]*/y],
  ['colon', /[ \t]*:[ \t]*/y],
  ['close', /[ \t]*\}/y],
  ['dot', /\./y],
  ['bracketOpen', /\[/y],
  ['bracketClose', /\]/y],
  ['id', /[a-zA-Z_][a-zA-Z0-9_-]*/y],
  ['key', /(?:\\[\\.[\]:=]|[^\\{}()[\]:. \t'"])+/y],
];

const OPEN = /\$\{[ \t]*/y;

/** Cuts a text into tokens, one call of `next` at a time; the mode follows the tokens. */
export class InterpolationLexer {
  readonly #input: string;
  readonly #modes: Mode[];
  #position = 0;

  constructor(input: string, mode: 'top' | 'value') {
    this.#input = input;
    this.#modes = [mode];
  }

  next(): Token {
    const start = this.#position;
    if (start === this.#input.length) return { type: 'end', text: '', start };
    const mode = this.#modes.at(-1) ?? 'top';
    const token =
      mode === 'value'
        ? this.#longest(VALUE_RULES)
        : mode === 'reference'
          ? this.#longest(REFERENCE_RULES)
          : this.#inText(mode);
    this.#position += token.text.length;
    this.#follow(token, mode);
    return token;
  }

  #longest(rules: readonly Rule[]): Token {
    const start = this.#position;
    let best: Token = { type: 'end', text: '', start };
    for (const [type, pattern] of rules) {
      const text = this.#match(pattern);
      if (text.length > best.text.length) best = { type, text, start };
    }
    if (best.text === '') throw grammarError('an unexpected character', start);
    return best;
  }

  #inText(mode: 'top' | 'single' | 'double'): Token {
    const start = this.#position;
    const open = this.#match(OPEN);
    if (open !== '') return { type: 'open', text: open, start };
    const quote = mode === 'single' ? "'" : mode === 'double' ? '"' : '';
    const first = this.#input[start];
    if (first === '$') return { type: 'text', text: '$', start };
    if (first === quote) return { type: 'quoteClose', text: quote, start };
    let end = start;
    let plainEnd = start;
    for (; end < this.#input.length; end++) {
      const character = this.#input[end];
      if (character === '$' || character === quote) break;
      if (character !== '\\') plainEnd = end + 1;
    }
    if (plainEnd > start) return this.#slice('text', start, plainEnd);
    const odd = (end - start) % 2 === 1;
    if (odd && this.#input.startsWith('${', end)) {
      return this.#slice('escapedInterpolation', start, end + 2);
    }
    if (odd && quote !== '' && this.#input[end] === quote) {
      return this.#slice('escape', start, end + 1);
    }
    if (odd) return this.#slice('text', start, end);
    return this.#slice(quote === '' ? 'topEscape' : 'quotedEscape', start, end);
  }

  #follow({ type, text, start }: Token, mode: Mode): void {
    if (type === 'colon' && mode === 'reference') {
      this.#modes[this.#modes.length - 1] = 'value';
    } else if (type === 'quoteOpen') {
      this.#modes.push(text === "'" ? 'single' : 'double');
    } else if (type === 'open' || type === 'braceOpen') {
      this.#modes.push(type === 'open' ? 'reference' : 'value');
    } else if (type === 'close' || type === 'braceClose' || type === 'quoteClose') {
      if (this.#modes.length === 1) throw grammarError('a bracket too many', start);
      this.#modes.pop();
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    return pattern.exec(this.#input)?.[0] ?? '';
  }

  #slice(type: TokenType, start: number, end: number): Token {
    return { type, text: this.#input.slice(start, end), start };
  }
}

/** `what` names a construct; the text itself may be a secret and is not told. */
export function grammarError(what: string, position: number): ConfigError {
  return new ConfigError(
    'interpolation-syntax-invalid',
    `${what} at character ${position + 1} (write \\\${ for a literal \${)`,
  );
}
