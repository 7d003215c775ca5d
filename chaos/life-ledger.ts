/** What a run is asked to do; see `kedro-registry.py`. */
export type What = 'work' | 'fail' | 'exit' | 'segfault' | 'kill' | 'hog' | 'stubborn';

/** One run that somebody wants, and what they were told of it. */
export interface Wanted {
  /** Parameter, label and idempotency key of this run alone. */
  readonly tenant: string;
  readonly what: What;
  readonly body: object;
  readonly hasKey: boolean;
  readonly hasTimeout: boolean;
  readonly hasCallback: boolean;
  /** Its id, once it was accepted. */
  id: string | null;
  /** The final state that somebody has seen. */
  seenStatus: string | null;
}

/** Who wants which runs, and what was answered that should not have been. */
export class LifeLedger {
  readonly wanted: Wanted[] = [];
  readonly complaints: string[] = [];
  refusals = 0;
  replays = 0;

  get accepted(): readonly Wanted[] {
    return this.wanted.filter(({ id }) => id !== null);
  }

  /** Notes that a run has this id; it never has another. */
  accept(wanted: Wanted, id: string): void {
    if (wanted.id !== null && wanted.id !== id) {
      this.complaints.push(`${wanted.tenant} is run ${wanted.id}, and was answered as ${id}`);
    }
    wanted.id ??= id;
  }

  /** Notes a state that was shown; a final one never changes. */
  see(wanted: Wanted, status: string): void {
    if (!isFinal(status)) {
      if (wanted.seenStatus !== null) {
        this.complaints.push(`${wanted.tenant} was ${wanted.seenStatus}, and then ${status}`);
      }
      return;
    }
    if (wanted.seenStatus !== null && wanted.seenStatus !== status) {
      this.complaints.push(`${wanted.tenant} was ${wanted.seenStatus}, and then ${status}`);
    }
    wanted.seenStatus = status;
  }
}

const open: ReadonlySet<string> = new Set(['queued', 'running', 'cancelling']);

export function isFinal(status: string): boolean {
  return !open.has(status);
}
