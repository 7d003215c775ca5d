import type { LogLevel, RunError, RunEvent, RunLog } from '../executor/run-event.ts';

const refreshMs = 200;
const loudLevels: ReadonlySet<LogLevel> = new Set(['warning', 'error', 'critical']);

/** Shows on a stream what a run does. Disposing it leaves only whole lines there. */
export interface RunProgress extends Disposable {
  show(event: RunEvent): void;
}

/** What is written to. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Shows each node as a line once it has ended, and what the run logs and prints with the node it
 * comes from. On a terminal a last line says what is running, and for how long; in a pipe there
 * are whole lines only.
 */
export function createRunProgress(stream: ProgressStream): RunProgress {
  const running = new Map<string, number>();
  let total = 0;
  let done = 0;
  let isDrawn = false;
  let timer: NodeJS.Timeout | undefined;

  const position = (): string => `[${String(done).padStart(String(total).length)}/${total}]`;
  const erase = (): void => {
    if (isDrawn) stream.write('\r\u001B[2K');
    isDrawn = false;
  };
  const draw = (): void => {
    if (stream.isTTY !== true || running.size === 0) return;
    const now = performance.now();
    const nodes = Array.from(running, ([node, since]) => `${node} ${toSeconds(now - since)}`);
    const { columns = 0 } = stream;
    const text = `  … ${position()} ${nodes.join(', ')}`;
    stream.write(text.slice(0, (columns === 0 ? 80 : columns) - 1));
    isDrawn = true;
  };
  const showLine = (text: string): void => {
    erase();
    stream.write(`${text}\n`);
    draw();
  };
  const redraw = (): void => {
    erase();
    draw();
  };

  return {
    show: (event) => {
      switch (event.type) {
        case 'run.planned':
          total = event.nodes.length;
          showLine(`Running ${total} ${total === 1 ? 'node' : 'nodes'}`);
          if (stream.isTTY === true) timer = setInterval(redraw, refreshMs).unref();
          break;
        case 'node.started':
          running.set(event.node, performance.now());
          redraw();
          break;
        case 'node.finished':
          running.delete(event.node);
          done += 1;
          showLine(`  ✓ ${position()} ${event.node}  ${toSeconds(event.durationMs)}`);
          break;
        case 'node.failed':
          running.delete(event.node);
          showLine(`  ✗ ${position()} ${event.node}: ${toFirstLine(event.error)}`);
          break;
        case 'log':
          for (const line of toLines(event)) showLine(line);
          break;
        case 'run.started':
        case 'run.ended':
        case 'dataset.loaded':
        case 'dataset.saved':
        case 'output.ready':
        case 'output.failed':
          break;
      }
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      running.clear();
      erase();
    },
  };
}

/** Kedro's own information says what the lines of the nodes say. */
function toLines({ node, logger, level, source, message }: RunLog): readonly string[] {
  const isLoud = loudLevels.has(level);
  const isKedros = logger === 'kedro' || logger?.startsWith('kedro.') === true;
  if ((isKedros && !isLoud) || level === 'debug') return [];
  const from = node ?? (source === 'logging' ? (logger ?? 'run') : 'run');
  const mark = isLoud ? `${level.toUpperCase()} ` : '';
  return `${mark}${message.trimEnd()}`.split('\n').map((line) => `    ${from} | ${line}`);
}

function toFirstLine({ type, message }: RunError): string {
  return `${type}: ${message.split('\n', 1)[0] ?? ''}`;
}

export function toSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
