import type { RunLogEvent } from '../src/run/run-log-entry.ts';

/** Shows the nodes of runs on the terminal: which runs now, then how long it took. */
export function createNodeProgress(terminal: NodeJS.WriteStream): (event: RunLogEvent) => void {
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
    switch (event.type) {
      case 'run.planned':
        total = event.nodes.length;
        done = 0;
        break;
      case 'node.started':
        showRunning(`  … ${position()} ${event.node}`);
        break;
      case 'node.finished':
        done += 1;
        showLine(`  ✓ ${position()} ${event.node.padEnd(34)} ${toSeconds(event.durationMs)}`);
        break;
      case 'node.failed':
        showLine(`  ✗ ${position()} ${event.node}: ${event.error.type}: ${event.error.message}`);
        break;
      case 'run.queued':
      case 'run.started':
      case 'run.cancelling':
      case 'run.ended':
      case 'dataset.loaded':
      case 'dataset.saved':
      case 'output.ready':
      case 'output.failed':
      case 'log':
        break;
    }
  };
}

export function toSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
