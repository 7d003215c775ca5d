/** What was promised, what was measured, and whether that is within the bound. */
export interface Promised {
  readonly what: string;
  readonly measured: string;
  readonly bound: string;
  readonly ok: boolean;
}

/** Prints a line for each promise as soon as it is known. */
export class Report {
  readonly #write: (line: string) => void;
  #broken = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Promises that were not kept. */
  get broken(): number {
    return this.#broken;
  }

  check({ what, measured, bound, ok }: Promised): void {
    if (!ok) this.#broken += 1;
    this.#write(`  ${ok ? 'ok    ' : 'NOT OK'}  ${what}: ${measured} (bound: ${bound})`);
  }

  /** Holds a list of what should not be to being empty, and shows the first of it. */
  checkNone(what: string, found: readonly string[]): void {
    this.check({ what, measured: String(found.length), bound: '0', ok: found.length === 0 });
    for (const each of found.slice(0, 5)) this.#write(`            ${each}`);
  }

  /** A figure that is no promise. */
  tell(line: string): void {
    this.#write(`          ${line}`);
  }
}
