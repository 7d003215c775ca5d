import { appendFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { createHttpServer, type HttpServer } from '../../src/http/create-http-server.ts';
import { eventually } from '../eventually.ts';
import { postRun, runOf } from '../http/post-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { type OpenProject, openProject } from './open-project.ts';

const nodes = `
import time
from pathlib import Path


def count(counter):
    return {"runs": counter["runs"] + 1, "filler": ["x"] * 20_000}


def refresh(number):
    return [number] * 20_000


def check(table, counter):
    assert len(set(table)) == 1, "the table of two runs"
    return {"number": table[0], "runs": counter["runs"]}


def serve_tenant(tenant, gate):
    while not Path(gate).exists():
        time.sleep(0.005)
    return {"tenant": tenant}
`;

const registration = `
from faults import shared

register_fixture = register_pipelines


def register_pipelines():
    return register_fixture() | {
        "count": pipeline([node(shared.count, "counter", "counter_next")]),
        "refresh": pipeline([node(shared.refresh, "params:number", "table_json")]),
        "check": pipeline([node(shared.check, ["table_json", "counter_json"], "checked_json")]),
        "serve_tenant": pipeline([node(shared.serve_tenant, ["params:tenant", "params:gate"], "echo")]),
    }
`;

const catalog = `
counter:
  type: json.JSONDataset
  filepath: data/counter.json

counter_next:
  type: json.JSONDataset
  filepath: data/linked/counter.json
`;

/** Pipelines that share files, some by other names and by a link. */
async function shareFiles(project: TemporaryFolder): Promise<void> {
  await project.write('src/faults/shared.py', nodes);
  await project.write('data/counter.json', '{"runs": 0}');
  await project.write('data/table.json', '[0]');
  await project.write('conf/local/parameters.yml', 'number: 0\ngate: ""\ntenant: none\n');
  await appendFile(join(project.path, 'conf/base/catalog.yml'), catalog);
  await appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registration);
  await symlink('.', join(project.path, 'data/linked'));
}

async function serve(): Promise<OpenProject & { readonly app: HttpServer }> {
  const opened = await openProject({ prepare: shareFiles });
  const app = createHttpServer({ executor: opened.executor });
  onTestFinished(async () => {
    await app.close();
    await opened[Symbol.asyncDispose]();
  });
  return { ...opened, app };
}

interface ShownRun {
  readonly id: string;
  readonly status: string;
  readonly queue: unknown;
}

describe.skipIf(inject('pythonMissing') !== null)('pipelines that share files', () => {
  test('40 runs of them, eight at a time: all succeed, and the files are right', async () => {
    const { app, readJson } = await serve();
    const bodies = Array.from({ length: 40 }, (_, index) => ({
      pipeline_names: [['count', 'refresh', 'count', 'check'][index % 4]],
      params: { number: index },
    }));
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) {
        const answer = await runOf(postRun(app, body));
        if (answer.status !== 'success') failures.push(answer.error);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(failures).toEqual([]);
    expect(await readJson('counter')).toMatchObject({ runs: 20 });
    expect(new Set((await readJson('table')) as number[]).size).toBe(1);
  });

  test('run side by side where parameters lead to other files, and else wait', async () => {
    const { app, project, readJson } = await serve();
    const gate = join(project.path, 'data/gate');
    const submit = async (tenant: string, name: string): Promise<ShownRun> => {
      const response = await app.request('/runs', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          pipeline_names: ['serve_tenant'],
          params: { tenant, gate: `${gate}-${name}` },
        }),
      });
      return (await response.json()) as ShownRun;
    };
    const show = async ({ id }: ShownRun): Promise<ShownRun> =>
      (await (await app.request(`/runs/${id}`)).json()) as ShownRun;
    const ann = await submit('ann', 'first');
    const again = await submit('ann', 'second');
    const bob = await submit('bob', 'third');
    await eventually(async () => {
      expect(await show(ann)).toMatchObject({ status: 'running' });
      expect(await show(bob)).toMatchObject({ status: 'running' });
      expect(await show(again)).toMatchObject({
        status: 'queued',
        queue: { position: 1, waits_for: [ann.id], datasets: ['echo'] },
      });
    });
    for (const name of ['first', 'second', 'third']) await project.write(`data/gate-${name}`, '');
    await eventually(async () => {
      for (const run of [ann, again, bob]) {
        expect(await show(run)).toMatchObject({ status: 'succeeded', queue: null });
      }
    });
    expect(await readJson('echo-bob')).toEqual({ tenant: 'bob' });
  });
});
