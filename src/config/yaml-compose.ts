import {
  Composer,
  type CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  Parser,
  type Scalar,
} from 'yaml';
import { ConfigError } from './config-error.ts';
import { MAX_DEPTH } from './config-value.ts';
import type { YamlMapping, YamlNode } from './yaml-node.ts';

/**
 * Reads the one document of a YAML text; null when it is empty. Throws `ConfigError` that says
 * where, never what stands there.
 */
export function composeYaml(text: string): YamlNode | null {
  refuseControlCharacters(text);
  const lines = new LineCounter();
  const toPlace = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  refuseDepth(tokens, toPlace);
  const composer = new Composer(COMPOSER_OPTIONS);
  const documents = [...composer.compose(tokens)];
  for (const { errors, warnings } of documents) {
    const [fault] = [...errors, ...warnings.filter(({ code }) => code === 'BAD_DIRECTIVE')];
    if (fault === undefined) continue;
    const what = FAULTS.get(fault.code) ?? 'something is out of place';
    throw new ConfigError('yaml-syntax-invalid', `${what} at ${toPlace(fault.pos[0])}`);
  }
  const [document, second] = documents;
  const directive = tokens.find(({ type }) => type === 'directive');
  if (document === undefined && directive !== undefined) {
    const message = `a % directive without a document at ${toPlace(directive.offset)}`;
    throw new ConfigError('yaml-syntax-invalid', message);
  }
  if (second !== undefined) {
    throw new ConfigError(
      'yaml-document-invalid',
      `a second document starts at ${toPlace(second.range[0])}`,
    );
  }
  const contents = document?.contents ?? null;
  return contents === null ? null : new Converter(text, toPlace).convert(contents);
}

/** Texts stay texts: what they mean is decided by YAML 1.1's rules as PyYAML has them. */
const COMPOSER_OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

const FAULTS: ReadonlyMap<string, string> = new Map([
  ['BAD_ALIAS', 'an alias that names nothing'],
  ['BAD_DIRECTIVE', 'a % directive that is unknown'],
  ['BAD_DQ_ESCAPE', 'a backslash with an unknown letter in double quotes'],
  ['BAD_INDENT', 'a line that is not indented as it should be'],
  ['BAD_SCALAR_START', 'a text that starts with a reserved character; quote it'],
  ['BLOCK_AS_IMPLICIT_KEY', 'a second ":" on the line; quote the text'],
  ['MISSING_CHAR', 'a missing quote, bracket or ":"'],
  ['MULTILINE_IMPLICIT_KEY', 'a key of several lines, or a missing ":"'],
  ['TAB_AS_INDENT', 'a tab in the indentation'],
  ['TAG_RESOLVE_FAILED', 'an unknown tag'],
  ['UNEXPECTED_TOKEN', 'something unexpected'],
]);

/** Turns the library's nodes into ours and puts the named node in an alias's place. */
class Converter {
  readonly #source: string;
  readonly #toPlace: (offset: number) => string;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #open = new Set<YamlNode>();

  constructor(source: string, toPlace: (offset: number) => string) {
    this.#source = source;
    this.#toPlace = toPlace;
  }

  convert(node: ParsedNode | null): YamlNode {
    if (node === null) return { kind: 'scalar', tag: null, text: '', plain: true, place: '' };
    const place = this.#toPlace(node.range[0]);
    if (isAlias(node)) return this.#named(node.source, place);
    const tag = node.tag ?? null;
    if (isScalar(node)) {
      const text = this.#scalarText(node);
      const plain = node.type === 'PLAIN';
      const scalar: YamlNode = { kind: 'scalar', tag, text, plain, place };
      this.#remember(node.anchor, scalar);
      return scalar;
    }
    if (isSeq(node)) {
      const sequence: YamlNode = { kind: 'sequence', tag, items: [], place };
      this.#remember(node.anchor, sequence);
      this.#open.add(sequence);
      for (const item of node.items) sequence.items.push(this.convert(item));
      this.#open.delete(sequence);
      return sequence;
    }
    if (!isMap(node))
      throw new ConfigError('yaml-document-invalid', `something unknown at ${place}`);
    const mapping: YamlMapping = { kind: 'mapping', tag, pairs: [], place };
    this.#remember(node.anchor, mapping);
    this.#open.add(mapping);
    for (const { key, value } of node.items) {
      const keyNode = this.convert(key);
      mapping.pairs.push([keyNode, this.convert(value)]);
    }
    this.#open.delete(mapping);
    return mapping;
  }

  /** A block text that the file ends in the middle of has no line end for libyaml to keep. */
  #scalarText({ type, value, range }: Scalar.Parsed): string {
    const text = String(value);
    const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
    if (!isBlock || range[2] < this.#source.length || !text.endsWith('\n')) return text;
    const lastLine = this.#source.slice(this.#source.lastIndexOf('\n') + 1);
    return lastLine.trim() === '' ? text : text.slice(0, -1);
  }

  #named(name: string, place: string): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      throw new ConfigError(
        'yaml-document-invalid',
        `the alias at ${place} names nothing above it`,
      );
    }
    if (this.#open.has(target)) {
      throw new ConfigError('yaml-value-invalid', `the alias at ${place} names what it stands in`);
    }
    return target;
  }

  #remember(anchor: string | undefined, node: YamlNode): void {
    if (anchor === undefined) return;
    if (!/^[A-Za-z0-9_-]+$/.test(anchor)) {
      const message = `the anchor at ${node.place} may have letters, digits, "-" and "_" only`;
      throw new ConfigError('yaml-syntax-invalid', message);
    }
    if (this.#anchors.has(anchor)) {
      throw new ConfigError('yaml-document-invalid', `the anchor at ${node.place} is there twice`);
    }
    this.#anchors.set(anchor, node);
  }
}

/** U+0085, U+2028 and U+2029 end a line in YAML 1.1, not in 1.2: nobody means them to. */
const REFUSED_CHARACTERS = /[^\t\n\r\x20-\x7e\xa0-\u{10ffff}]|[\u2028\u2029\ufffe\uffff]|\p{Cs}/u;

function refuseControlCharacters(text: string): void {
  const found = REFUSED_CHARACTERS.exec(text);
  if (found === null) return;
  const line = text.slice(0, found.index).split('\n').length;
  const code = found[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  const message = `a control character, U+${code}, in line ${line}; write it as an escape`;
  throw new ConfigError('yaml-character-invalid', message);
}

/** The library composes by recursion: what is nested too deep must not get there. */
function refuseDepth(tokens: readonly CST.Token[], toPlace: (offset: number) => string): void {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) {
      const message = `nesting deeper than ${MAX_DEPTH} levels at ${toPlace(token.offset)}`;
      throw new ConfigError('config-too-deep', message);
    }
    if (token.type === 'document' && token.value !== undefined) {
      open.push({ token: token.value, depth });
    }
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
}
