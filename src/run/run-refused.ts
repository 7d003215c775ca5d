import { KedroServerError, type RunRefusalCode } from '../errors.ts';

/** A submission that is not accepted; nothing of it is kept. */
export class RunRefused extends KedroServerError<RunRefusalCode> {
  override readonly name = 'RunRefused';
  /** Seconds after which trying again makes sense, or null where it makes none. */
  readonly retryAfterS: number | null;
  /** The runs in the way. */
  readonly runIds: readonly string[];

  constructor(
    code: RunRefusalCode,
    message: string,
    { retryAfterS = null, runIds = [] }: { retryAfterS?: number | null; runIds?: string[] } = {},
  ) {
    super(code, message);
    this.retryAfterS = retryAfterS;
    this.runIds = runIds;
  }
}
