import type { RunError, RunEvent } from '../executor/run-event.ts';

/** Adds to an error that it may come from a variable that workers do not get. */
export interface WithheldExplanation {
  error<T extends RunError>(error: T): T;
  event(event: RunEvent): RunEvent;
}

const word = /[A-Za-z_][A-Za-z0-9_]{0,255}/gu;
/** A name in capitals is a variable wherever it stands; others are, where Python looks for them. */
const capitals = /^[A-Z][A-Z0-9_]{3,}$/u;
const key = /^'([^']*)'$/u;
const resolved = /Environment variable '([^']{1,255})' not found/u;

function nameIn({ type, message }: RunError, withheld: ReadonlySet<string>): string | null {
  const exact = (resolved.exec(message) ?? (type === 'KeyError' ? key.exec(message) : null))?.[1];
  if (exact !== undefined && withheld.has(exact)) return exact;
  for (const [name] of message.matchAll(word)) {
    if (withheld.has(name) && capitals.test(name)) return name;
  }
  return null;
}

/** Explains errors that look for, or tell of, one of these variables; null where there are none. */
export function createWithheldExplanation(withheld: readonly string[]): WithheldExplanation | null {
  if (withheld.length === 0) return null;
  const names = new Set(withheld);
  const error = <T extends RunError>(given: T): T => {
    const name = nameIn(given, names);
    if (name === null) return given;
    const message = `${given.message}. The variable ${name} is in the environment of the server, which does not give it to workers: --pass-env ${name}, or passEnv in code, gives it to them.`;
    return { ...given, message };
  };
  return {
    error,
    event: (event) => {
      if (event.type === 'node.failed') return { ...event, error: error(event.error) };
      if (event.type !== 'run.ended' || event.error === null) return event;
      return { ...event, error: error(event.error) };
    },
  };
}
