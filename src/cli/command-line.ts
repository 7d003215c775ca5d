import { KedroServerError, ProjectError } from '../errors.ts';
import { KEYS_HELP, newKey, parseKeysOptions } from './keys.ts';
import { NEW_HELP, newProject, parseNewArguments } from './new-project.ts';
import { parseRunOptions, RUN_HELP } from './run-options.ts';
import { parseRunsOptions, toRunsHelp } from './runs-options.ts';
import { START_HELP, parseStartOptions } from './start-options.ts';
import { parseWorkerOptions, WORKER_HELP } from './worker-options.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

const HELP = `Usage: kedro-server <command> [options]

The HTTP server for Kedro projects, and for pipelines in TypeScript.

Commands:
  start        Serve the project of the current folder
  worker       Run what servers put into a queue
  run          Run pipelines of the project of the current folder
  runs         List, show, watch, cancel and retry runs of a server
  keys         Make keys for callers of a server
  new <name>   Write a small project of pipelines in TypeScript

Options:
  -V, --version  Show the version
  -h, --help     Show this text; 'kedro-server <command> --help' that of a command
`;

/** Runs one command line; resolves to its exit code: 0, 1 for a failure, 2 for a wrong line. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    return await runCommand(args);
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, 2);
    if (error instanceof ProjectError) {
      const { type, message, traceback } = error;
      return fail(`The project cannot be loaded: ${type}: ${message}\n${traceback.trimEnd()}`, 1);
    }
    if (error instanceof KedroServerError) return fail(error.message, 1);
    return fail(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
  }
}

async function runCommand([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'start': {
      const options = parseStartOptions(args);
      if (options === null) return show(START_HELP);
      await (await import('./start.ts')).start(options);
      return 0;
    }
    case 'worker': {
      const options = parseWorkerOptions(args);
      if (options === null) return show(WORKER_HELP);
      await (await import('./worker.ts')).work(options);
      return 0;
    }
    case 'run': {
      const options = parseRunOptions(args);
      return options === null ? show(RUN_HELP) : await (await import('./run.ts')).run(options);
    }
    case 'runs': {
      const options = parseRunsOptions(args);
      return options.action === 'help'
        ? show(toRunsHelp(options.about))
        : await (await import('./runs.ts')).runs(options);
    }
    case 'keys': {
      const options = parseKeysOptions(args);
      if (options === null) return show(KEYS_HELP);
      await newKey(options);
      return 0;
    }
    case 'new': {
      const target = parseNewArguments(args);
      if (target === null) return show(NEW_HELP);
      await newProject(target);
      return 0;
    }
    case '--version':
    case '-V':
      return show(`${readVersion()}\n`);
    case '--help':
    case '-h':
    case undefined:
      return show(HELP);
    default:
      throw new UsageError(
        `Unknown ${command.startsWith('-') ? 'option' : 'command'} '${command}'. ` +
          "'kedro-server --help' shows those there are.",
      );
  }
}

function show(text: string): number {
  process.stdout.write(text);
  return 0;
}

function fail(message: string, exitCode: number): number {
  process.stderr.write(`kedro-server: ${message}\n`);
  return exitCode;
}
