import { formatRequest, putLoad } from '../bench/load.ts';
import { copyProject } from '../test/cli/kedro-project-copy.ts';
import { portOf, serve } from './serve.ts';
import type { Scenario } from './scenarios.ts';

const runs = 200;
const clients = 8;
const sumOfNumbers = 6;

interface Answer {
  readonly error: unknown;
  readonly outputs: readonly { readonly data?: { readonly total?: number } }[];
}

/** Runs that all write the same two files, and read one of them again: each gets what it wrote. */
export const sharedFiles: Scenario = async ({ report, python }) => {
  await using project = await copyProject('tiny-kedro');
  await project.write('data/numbers.json', '[1, 2, 3]');
  await using server = await serve(project.path, ['--python', python, '--workers', '4']);
  const failed: string[] = [];
  const factors = new Map<number, number>();
  let sent = 0;
  const { perSecond } = await putLoad({
    port: await portOf(server),
    connections: clients,
    answers: runs,
    nextRequest: (client) => {
      sent += 1;
      factors.set(client, sent);
      const body = JSON.stringify({ params: { factor: sent }, outputs: ['total'] });
      return formatRequest('POST', '/runs', body, ['Prefer: wait=60']);
    },
    onAnswer: (status, body, client) => {
      const factor = factors.get(client) ?? 0;
      const { error, outputs } = JSON.parse(body) as Partial<Answer>;
      if (outputs?.[0]?.data?.total === factor * sumOfNumbers) return;
      const answer = JSON.stringify({ error, outputs });
      failed.push(`${sumOfNumbers} times ${factor} was answered ${status}: ${answer}`);
    },
  });
  report.checkNone(
    `failures in ${runs} runs that share files, at ${clients} clients and 4 workers`,
    failed,
  );
  report.tell(`${perSecond.toFixed(0)} runs/s`);
};
