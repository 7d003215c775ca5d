import type { ConfigScalar } from './config-value.ts';

/** A text with interpolations in it, as OmegaConf's grammar reads it. */
export interface Expression {
  /** Escapes are undone already. One interpolation alone stands for its value as it is. */
  readonly parts: readonly TextPart[];
}

export type TextPart = string | Interpolation;

export type Interpolation = NodeReference | ResolverCall;

/** `${a.b}`, `${.a}`, `${a[0]}`, `${a.${b}}` */
export interface NodeReference {
  readonly kind: 'reference';
  /** Dots before the first key. */
  readonly dots: number;
  readonly keys: readonly ReferenceKey[];
}

export interface ReferenceKey {
  readonly key: string | Interpolation;
  readonly inBrackets: boolean;
}

/** `${name:argument, argument}` */
export interface ResolverCall {
  readonly kind: 'call';
  readonly name: readonly (string | Interpolation)[];
  readonly args: readonly Element[];
}

/** An argument of a resolver, or an item of a list or mapping written as one. */
export type Element =
  | { readonly kind: 'literal'; readonly value: ConfigScalar }
  | { readonly kind: 'interpolation'; readonly interpolation: Interpolation }
  | { readonly kind: 'text'; readonly parts: readonly TextPart[] }
  | { readonly kind: 'list'; readonly items: readonly Element[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [ConfigScalar, Element])[] };

/** How a reference is written, for messages: keys only, nested interpolations as `${…}`. */
export function referenceText(reference: NodeReference): string {
  let text = '.'.repeat(reference.dots);
  for (const [index, { key, inBrackets }] of reference.keys.entries()) {
    const name = typeof key === 'string' ? key : '${…}';
    text += inBrackets ? `[${name}]` : index === 0 ? name : `.${name}`;
  }
  return `\${${text}}`;
}
