import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const lockWaitMs = 15 * 60_000;
const lastLines = 15;
const modules = {
  newest:
    'kedro.framework.session, kedro_datasets.json, uvicorn, openpyxl, pandas, pyarrow.parquet, sklearn.linear_model',
  oldest: 'kedro.framework.session, kedro_datasets.json',
};

/**
 * Returns the absolute path of a Python interpreter that has Kedro at the newest or the oldest
 * version that this package supports; see `pythonEnvironment`.
 */
export async function kedroPython(version: 'newest' | 'oldest'): Promise<string> {
  return pythonEnvironment(version, modules[version]);
}

/**
 * Returns the absolute path of a Python interpreter with the packages of `requirements-<name>.txt`.
 * The environment is made on first use, below `.cache/python/`; processes that ask together make
 * it once. Throws an `Error` that says what is missing when it cannot be made, or when `imports`,
 * a list of modules, cannot be imported in it.
 */
export async function pythonEnvironment(name: string, imports: string): Promise<string> {
  const requirements = join(import.meta.dirname, `requirements-${name}.txt`);
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const cache = join(root, '.cache', 'python');
  const environment = join(cache, `${name}-${hash.slice(0, 12)}`);
  const python = join(environment, 'bin', 'python');
  const stamp = join(environment, 'complete');
  const isComplete = (): boolean => existsSync(stamp) && existsSync(python);
  if (isComplete()) return python;

  await mkdir(cache, { recursive: true });
  const releaseLock = await takeLock(`${environment}.lock`);
  try {
    if (isComplete()) return python;
    const place = relative(root, environment);
    console.error(`Making the Python environment ${place} …`);
    const startedAt = performance.now();
    await makeEnvironment(environment, python, requirements, imports);
    await writeFile(stamp, '');
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.error(`Made the Python environment ${place} in ${seconds} s.`);
    return python;
  } finally {
    releaseLock();
  }
}

async function makeEnvironment(
  environment: string,
  python: string,
  requirements: string,
  imports: string,
): Promise<void> {
  await rm(environment, { recursive: true, force: true, maxRetries: 3 });
  await runStep(
    'python3 -m venv failed; install Python 3.11 or newer with its venv module (Debian: python3-venv)',
    ['python3', '-m', 'venv', environment],
  );
  try {
    await runStep('uv', [python, '-m', 'pip', 'install', '--quiet', 'uv==0.13.9']);
    await runStep('uv', [
      python,
      '-m',
      'uv',
      'pip',
      'install',
      // Some machines keep Python from doing it at the first import, and every start is slow then.
      '--compile-bytecode',
      '--python',
      python,
      '--requirement',
      requirements,
    ]);
  } catch {
    // uv is ten times as fast, but knows nothing of pip's settings (indexes, certificates, proxies).
    await runStep(`pip could not install scripts/${basename(requirements)}`, [
      python,
      '-m',
      'pip',
      'install',
      '--requirement',
      requirements,
    ]);
  }
  await runStep(`The packages in ${relative(root, environment)} cannot be imported`, [
    python,
    '-c',
    `import ${imports}`,
  ]);
}

async function runStep(failure: string, [command = '', ...args]: readonly string[]): Promise<void> {
  try {
    await run(command, args, { env: { ...process.env, DO_NOT_TRACK: '1' }, maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { code, stdout, stderr } = cause as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(`There is no ${command} on the PATH; install Python 3.11 or newer.`, {
        cause,
      });
    }
    const output = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-lastLines);
    throw new Error([`${failure}. Its last lines:`, ...output].join('\n'), { cause });
  }
}

/** An exclusive lock between processes; the system frees it when its holder dies, however it dies. */
async function takeLock(path: string): Promise<() => void> {
  const giveUpAt = performance.now() + lockWaitMs;
  const database = new DatabaseSync(path, { timeout: 0 });
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (cause) {
      const isBusy = (cause as { errcode?: unknown }).errcode === 5;
      if (!isBusy || performance.now() > giveUpAt) {
        database.close();
        throw new Error(
          `Cannot take the lock ${path}; is another process stuck making this environment?`,
          { cause },
        );
      }
    }
    await delay(200);
  }
}
