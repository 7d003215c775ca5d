import { kedroPython } from '../python-env.ts';
import { startCli, type CliProcess } from './cli-process.ts';

export interface RunAnswer {
  readonly status: 'success' | 'failure';
  readonly run_id: string;
  readonly error?: { readonly type: string; readonly message: string };
}

/** Starts `kedro-server start` on a free port in a project, with the newest Kedro. */
export async function startProject(
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<CliProcess> {
  const python = await kedroPython('newest');
  return startCli(['start', '--port', '0', '--python', python, ...args], { cwd: folder, env });
}

export async function postRun(url: string, body: object = {}): Promise<RunAnswer> {
  const response = await fetch(`${url}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as RunAnswer;
}
