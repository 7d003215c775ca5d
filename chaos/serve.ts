import { startCli, type CliProcess } from '../test/cli/cli-process.ts';

/** Starts `kedro-server start` on a free port, as a user would. */
export async function serve(
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<CliProcess> {
  const server = startCli(['start', '--port', '0', '--log-level', 'warn', ...args], {
    cwd: folder,
    env,
  });
  await server.url;
  return server;
}

export async function portOf(server: CliProcess): Promise<number> {
  return Number(new URL(await server.url).port);
}
