/** What a node's function is given besides its datasets, as its last argument. */
export interface NodeContext {
  /** Aborted when the run is asked to stop. */
  readonly signal: AbortSignal;
  /** W3C trace context that the run belongs to, for what the node sends to others; null without one. */
  readonly traceparent: string | null;
}

/** A function that a node runs; sync, async, or a generator of either kind. */
export type NodeFunction = (...args: never[]) => unknown;

type Names<T extends readonly unknown[]> = { readonly [K in keyof T]: string };

type NameMap<T> = unknown extends T
  ? Readonly<Record<string, string>>
  : T extends NodeFunction | readonly unknown[]
    ? never
    : T extends object
      ? { readonly [K in keyof T as K extends string ? K : never]: string }
      : never;

type WithoutContext<P extends readonly unknown[]> = P extends readonly []
  ? never
  : number extends P['length']
    ? P
    : P extends readonly [...infer Head, infer Last] | readonly [...infer Head, (infer Last)?]
      ? NodeContext extends Last
        ? Head
        : never
      : never;

/** The parameters of a function that datasets fill. */
export type DatasetParameters<F extends NodeFunction, PassContext extends boolean> = F extends (
  ...args: infer P
) => unknown
  ? PassContext extends true
    ? WithoutContext<P>
    : P
  : never;

/** The forms of inputs that fill these parameters; a map fills one object by its properties. */
export type InputsFor<P extends readonly unknown[]> =
  | Names<P>
  | ([] extends Names<P> ? null : never)
  | ([string] extends Names<P> ? string | NameMap<P[0]> : never);

type Produced<V> = V extends
  | Iterator<infer Y, unknown, never>
  | AsyncIterator<infer Y, unknown, never>
  ? Y
  : V;

type OutputsOf<V> = [V] extends [never]
  ? string | readonly string[] | Readonly<Record<string, string>> | null
  : unknown extends V
    ? string | readonly string[] | Readonly<Record<string, string>> | null
    : [V] extends [void]
      ? null
      :
          | string
          | null
          | ([V] extends [readonly unknown[]] ? Names<V> : never)
          | ([V] extends [object] ? NameMap<V> : never);

/** The forms of outputs that a function's result, or each piece that it yields, can fill. */
export type OutputsFor<F extends NodeFunction> = F extends (...args: never[]) => infer R
  ? OutputsOf<Produced<Awaited<R>>>
  : never;
