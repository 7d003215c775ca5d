import type { RunEvent } from '../executor/run-event.ts';

/** The event with `hide` applied to the texts that a run's code has written. */
export function redactEvent(event: RunEvent, hide: (text: string) => string): RunEvent {
  if (event.type === 'log') return { ...event, message: hide(event.message) };
  if (!('error' in event) || event.error === null) return event;
  return { ...event, error: { ...event.error, message: hide(event.error.message) } };
}
