import type { RunEvent } from '../src/contract/run-event-resource.ts';

/** Shows the nodes of runs on the terminal: which runs now, then how long it took. */
export function createNodeProgress(terminal: NodeJS.WriteStream): (event: RunEvent) => void {
  let total = 0;
  let done = 0;
  const position = (): string => `[${String(done).padStart(String(total).length)}/${total}]`;
  const showRunning = (text: string): void => {
    if (terminal.isTTY) terminal.write(text);
  };
  const showLine = (text: string): void => {
    terminal.write(terminal.isTTY ? `\r\u001b[2K${text}\n` : `${text}\n`);
  };
  return (event) => {
    if (event.type === 'run.planned') {
      total = event.nodes.length;
      done = 0;
    } else if (event.type === 'node.started') showRunning(`  … ${position()} ${event.node}`);
    else if (event.type === 'node.finished') {
      done += 1;
      showLine(`  ✓ ${position()} ${event.node.padEnd(34)} ${toSeconds(event.duration_ms)}`);
    } else if (event.type === 'node.failed') {
      showLine(`  ✗ ${position()} ${event.node}: ${event.error.type}: ${event.error.message}`);
    }
  };
}

export function toSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
