import type { Hooks } from '../runner/hooks.ts';
import { framesIn } from './project-modules.ts';

const maxCauses = 8;

/** Has the run's log say where below `root` the error of a node was thrown. */
export function createNodeErrorLog(root: string): Hooks {
  return {
    onNodeError: ({ error, node, log }) => {
      if (!(error instanceof Error) || error.name === 'RunCancelled') return;
      const lines = [`Node '${node.name}' failed with error:`, ...describe(error, root)];
      log.error(lines.join('\n'));
    },
  };
}

function describe(error: Error, root: string): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let count = 0; current instanceof Error && count < maxCauses; count += 1) {
    lines.push(`${count === 0 ? '' : 'Caused by '}${current.name}: ${current.message}`);
    lines.push(...framesIn(current, root).map((frame) => `    at ${frame}`));
    current = current.cause;
  }
  return lines;
}
