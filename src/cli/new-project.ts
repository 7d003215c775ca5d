import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toHelpLines, type Option } from './option.ts';
import { createProjectFiles, type ProjectNames } from './project-template.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

const OPTIONS: readonly Option[] = [{ name: 'help', short: 'h', help: 'Show this text' }];

export const NEW_HELP = `Usage: kedro-server new <name>

Writes a small project of pipelines in TypeScript into a new folder: a catalog, parameters, sample
data and one pipeline. The name is that of the folder, or a path to it.

Options:
${toHelpLines(OPTIONS)}

Examples:
  kedro-server new my-project
`;

/** Reads the arguments of `new`; null when they ask for its help. Throws `UsageError`. */
export function parseNewArguments(args: readonly string[]): string | null {
  if (args.some((arg) => arg === '-h' || arg === '--help')) return null;
  const [name, ...others] = args;
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) {
    throw new UsageError(
      `Unknown option '${option}'. 'kedro-server new --help' shows those there are.`,
    );
  }
  if (name === undefined) {
    throw new UsageError('A new project needs a name: kedro-server new my-project.');
  }
  if (others.length > 0) {
    throw new UsageError(
      `Unexpected argument '${others[0]}'. A name of several words is written with dashes: kedro-server new ${args.join('-')}.`,
    );
  }
  return name;
}

/** Writes a new project. Throws `UsageError` for a wrong name, or a folder that is there. */
export async function newProject(target: string): Promise<void> {
  const folder = path.resolve(target);
  const names = toNames(path.basename(folder));
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new UsageError(
      `'${target}' is there already. Choose another name, or remove it: nothing was written.`,
    );
  }
  for (const [name, text] of Object.entries(createProjectFiles(names, readVersion()))) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
  process.stdout.write(
    `Wrote the project ${names.project} into ${folder}\n\nNext:\n  cd ${target}\n  npm install\n  npx kedro-server run\n  npx kedro-server start\n`,
  );
}

function toNames(folder: string): ProjectNames {
  if (!/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/u.test(folder)) {
    throw new UsageError(
      `'${folder}' is no name for a project: use lower-case letters, digits and dashes, as in my-project.`,
    );
  }
  const words = folder.split(/[-_]/u);
  return {
    folder,
    project: words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join(' '),
    package: words.join('_'),
  };
}
