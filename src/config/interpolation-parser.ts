import { type ConfigScalar, MAX_DEPTH } from './config-value.ts';
import type {
  Element,
  Expression,
  Interpolation,
  ReferenceKey,
  TextPart,
} from './interpolation.ts';
import {
  grammarError,
  InterpolationLexer,
  type Token,
  type TokenType,
} from './interpolation-lexer.ts';
import {
  decodeMissingLiteral,
  textElement,
  toLiteral,
  unescape,
  unescapeKey,
} from './interpolation-literal.ts';

/**
 * Reads a text that holds `${`, by the rules of OmegaConf 2.4's grammar.
 * Throws `ConfigError` naming the place, never the text.
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text, 'top');
  const parts = parser.text('end');
  return { parts };
}

/** Reads the text that `oc.decode` is given: one argument, as it stands in a resolver call. */
export function parseElement(text: string): Element {
  const parser = new Parser(text, 'value');
  const element = parser.element();
  parser.take('end');
  return element;
}

const PRIMITIVE: ReadonlySet<TokenType> = new Set<TokenType>([
  'id',
  'null',
  'int',
  'float',
  'bool',
  'character',
  'colon',
  'escape',
  'space',
  'open',
]);

class Parser {
  readonly #source: string;
  readonly #lexer: InterpolationLexer;
  #token: Token;
  #depth = 0;

  constructor(source: string, mode: 'top' | 'value') {
    this.#source = source;
    this.#lexer = new InterpolationLexer(source, mode);
    this.#token = this.#lexer.next();
  }

  take(type: TokenType): Token {
    const token = this.#token;
    if (token.type !== type) throw this.#unexpected();
    if (type !== 'end') this.#token = this.#lexer.next();
    return token;
  }

  text(until: 'end' | 'quoteClose'): readonly TextPart[] {
    const parts = new PartList();
    while (!this.#at(until)) {
      if (this.#at('open')) {
        parts.add(this.#interpolation());
        continue;
      }
      const token = this.#advance();
      const unescaped = this.#textOf(token, until);
      if (unescaped === undefined) throw this.#unexpected();
      parts.add(unescaped);
    }
    return parts.parts;
  }

  /** Backslashes count as escapes only before an interpolation or the closing quote. */
  #textOf({ type, text }: Token, until: TokenType): string | undefined {
    if (type === 'text') return text;
    if (type === 'escape') return unescape(text);
    if (type === 'escapedInterpolation') return text.slice(-(Math.floor(text.length / 2) + 1));
    if (type === 'topEscape') return this.#at('open') ? unescape(text) : text;
    if (type !== 'quotedEscape') return undefined;
    return this.#at('open') || this.#at(until) ? unescape(text) : text;
  }

  element(): Element {
    this.#enter();
    const start = this.#token.start;
    const element = this.#elementOfAnyKind();
    this.#depth--;
    return decodeMissingLiteral(element, this.#source.slice(start, this.#token.start));
  }

  #elementOfAnyKind(): Element {
    if (this.#at('quoteOpen')) {
      this.#advance();
      const parts = this.text('quoteClose');
      this.take('quoteClose');
      return textElement(parts);
    }
    if (this.#at('bracketOpen')) {
      this.#advance();
      return { kind: 'list', items: this.#sequence('bracketClose') };
    }
    if (this.#at('braceOpen')) {
      this.#advance();
      return { kind: 'map', entries: this.#entries() };
    }
    return this.#primitive(PRIMITIVE);
  }

  /** An argument that is left out is the empty string. */
  #sequence(until: TokenType): readonly Element[] {
    const items: Element[] = [];
    if (!this.#at(until)) {
      items.push(this.#itemOrNothing(until));
      while (this.#at('comma')) {
        this.#advance();
        items.push(this.#itemOrNothing(until));
      }
    }
    this.take(until);
    return items;
  }

  #itemOrNothing(until: TokenType): Element {
    const absent = this.#at('comma') || this.#at(until);
    return absent ? { kind: 'literal', value: '' } : this.element();
  }

  #entries(): readonly (readonly [ConfigScalar, Element])[] {
    const entries: [ConfigScalar, Element][] = [];
    if (!this.#at('braceClose')) {
      entries.push(this.#entry());
      while (this.#at('comma')) {
        this.#advance();
        entries.push(this.#entry());
      }
    }
    this.take('braceClose');
    return entries;
  }

  #entry(): [ConfigScalar, Element] {
    const key = this.#primitive(KEY);
    if (key.kind !== 'literal') throw this.#unexpected();
    this.take('colon');
    return [key.value, this.element()];
  }

  #primitive(allowed: ReadonlySet<TokenType>): Element {
    const parts = new PartList();
    let single: ConfigScalar | undefined;
    let count = 0;
    while (allowed.has(this.#token.type)) {
      count++;
      if (this.#at('open')) {
        parts.add(this.#interpolation());
        continue;
      }
      const token = this.#advance();
      single = toLiteral(token);
      parts.add(token.type === 'escape' ? unescape(token.text) : token.text);
    }
    const [first] = parts.parts;
    if (count === 0 || first === undefined) throw this.#unexpected();
    if (count > 1) return textElement(parts.parts);
    if (typeof first !== 'string') return { kind: 'interpolation', interpolation: first };
    if (single === undefined) throw this.#unexpected();
    return { kind: 'literal', value: single };
  }

  #interpolation(): Interpolation {
    this.#enter();
    this.take('open');
    let dots = 0;
    for (; this.#at('dot'); dots++) this.#advance();
    const keys: ReferenceKey[] = [this.#referenceKey(false)];
    while (this.#at('dot') || this.#at('bracketOpen')) {
      keys.push(this.#referenceKey(true));
    }
    const interpolation: Interpolation = this.#at('colon')
      ? this.#call(dots, keys)
      : { kind: 'reference', dots, keys: keys.map(unescapeKey) };
    if (interpolation.kind === 'reference') this.take('close');
    this.#depth--;
    return interpolation;
  }

  #referenceKey(dotted: boolean): ReferenceKey {
    const inBrackets = this.#at('bracketOpen');
    if (inBrackets) this.#advance();
    else if (dotted) this.take('dot');
    const { type } = this.#token;
    if (type !== 'id' && type !== 'key' && type !== 'open') throw this.#unexpected();
    const key = type === 'open' ? this.#interpolation() : this.#advance().text;
    if (inBrackets) this.take('bracketClose');
    return { key, inBrackets };
  }

  #call(dots: number, keys: readonly ReferenceKey[]): Interpolation {
    const names = keys.map(({ key }) => key);
    const isName = (key: string | Interpolation): boolean =>
      typeof key !== 'string' || RESOLVER_NAME.test(key);
    if (dots > 0 || keys.some(({ inBrackets }) => inBrackets) || !names.every(isName)) {
      throw this.#unexpected();
    }
    this.take('colon');
    return { kind: 'call', name: names, args: this.#sequence('braceClose') };
  }

  #enter(): void {
    if (++this.#depth <= MAX_DEPTH) return;
    throw grammarError('too many nested brackets', this.#token.start);
  }

  #at(type: TokenType): boolean {
    return this.#token.type === type;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #unexpected(): Error {
    const what = this.#at('end') ? 'a missing bracket or quote' : 'something unexpected';
    return grammarError(what, this.#token.start);
  }
}

const KEY: ReadonlySet<TokenType> = new Set(
  [...PRIMITIVE].filter((type) => type !== 'colon' && type !== 'open'),
);
const RESOLVER_NAME = /^[a-zA-Z_][a-zA-Z0-9_-]*$/;

class PartList {
  readonly parts: TextPart[] = [];

  add(part: TextPart): void {
    const last = this.parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') {
      this.parts[this.parts.length - 1] = last + part;
    } else {
      this.parts.push(part);
    }
  }
}
