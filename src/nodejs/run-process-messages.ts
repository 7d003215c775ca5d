import type { RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';

/** How a process for runs loads its project, and what it allows. */
export interface RunProcessStart {
  /** The process that it ends with. */
  readonly parent: number;
  readonly projectPath: string;
  readonly env: string | undefined;
  readonly confSource: string | undefined;
  readonly cancelGraceMs: number;
  readonly maxOutputBytes: number | undefined;
  readonly trustParams: boolean | undefined;
  readonly paramRoots: readonly string[] | undefined;
}

export type ToRunProcess =
  | { readonly kind: 'start'; readonly start: RunProcessStart }
  | { readonly kind: 'run'; readonly order: RunOrder }
  | { readonly kind: 'cancel' };

export type FromRunProcess =
  /** It listens: what came before would be lost. */
  { readonly kind: 'up' } | { readonly kind: 'event'; readonly event: RunEvent };
