import type { RunEvent } from '../executor/run-event.ts';

/** The event with `hide` applied to the texts that a run's code has written. */
export function redactEvent(event: RunEvent, hide: (text: string) => string): RunEvent {
  if (event.type === 'log') return { ...event, message: hide(event.message) };
  if (event.type === 'node.failed' || event.type === 'output.failed') {
    return { ...event, error: { ...event.error, message: hide(event.error.message) } };
  }
  if (event.type === 'run.ended' && event.error !== null) {
    return { ...event, error: { ...event.error, message: hide(event.error.message) } };
  }
  return event;
}
