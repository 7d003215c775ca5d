/** Something that the operator of a pool may want to know. */
export interface KedroNotice {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable name, e.g. `worker-ended`. */
  readonly event: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type NoticeListener = (notice: KedroNotice) => void;
