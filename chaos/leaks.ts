import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRequest, putLoad } from '../bench/load.ts';
import { copyProject } from '../test/cli/kedro-project-copy.ts';
import { portOf, serve } from './serve.ts';
import type { Scenario } from './scenarios.ts';

const fullRuns = 10_000;
const clients = 16;

interface Answer {
  readonly status: string;
  readonly labels: { readonly tenant?: string };
  readonly outputs: readonly { readonly data?: unknown }[];
}

/**
 * Runs of different tenants, each of whom is known by a parameter: what a run is told, by Kedro's
 * parameters and by its configuration's resolver, what it saves and what it answers is of its tenant.
 */
export const leaks: Scenario = async ({ report, python, scale }) => {
  const runs = Math.ceil(fullRuns * scale);
  await using project = await copyProject('faults-kedro');
  await using server = await serve(project.path, ['--python', python]);
  const wrong: string[] = [];
  const asked = new Map<number, string>();
  const expected = (tenant: string) => ({ params: tenant, resolver: tenant });
  let sent = 0;
  const { perSecond } = await putLoad({
    port: await portOf(server),
    connections: clients,
    answers: runs,
    nextRequest: (client) => {
      sent += 1;
      const tenant = `tenant-${sent}`;
      asked.set(client, tenant);
      const body = {
        pipeline_names: ['echo'],
        params: { tenant },
        labels: { tenant },
        outputs: ['echo'],
      };
      return formatRequest('POST', '/runs', JSON.stringify(body), ['Prefer: wait=60']);
    },
    onAnswer: (status, body, client) => {
      const tenant = asked.get(client) ?? '';
      const run = JSON.parse(body) as Answer;
      const right =
        status === 200 &&
        run.status === 'succeeded' &&
        run.labels.tenant === tenant &&
        isSame(run.outputs[0]?.data, expected(tenant));
      if (!right) wrong.push(`${tenant} was answered ${status}: ${body.slice(0, 300)}`);
    },
  });
  report.checkNone(
    `answers of another tenant, or none, in ${runs} runs at ${clients} clients`,
    wrong,
  );
  const misplaced: string[] = [];
  for (let number = 1; number <= runs; number += 1) {
    const tenant = `tenant-${number}`;
    const text = await readFile(join(project.path, `data/echo-${tenant}.json`), 'utf8').catch(
      String,
    );
    if (!isSame(parse(text), expected(tenant))) misplaced.push(`${tenant}: ${text.slice(0, 200)}`);
  }
  report.checkNone('files of a tenant with data of another, or none', misplaced);
  report.tell(`${perSecond.toFixed(0)} runs/s`);
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
