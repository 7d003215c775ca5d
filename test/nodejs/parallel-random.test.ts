import fc from 'fast-check';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type RunQuestion, runQuestion } from '../runner/run-question.ts';
import { compareCodePoints } from '../../src/names/compare-code-points.ts';
import { seed } from '../config/seed.ts';
import { createParallelProject, type ParallelProject, type ToldRun } from './parallel-project.ts';

const pipelineCount = 120;

/** Makes pipelines of recipes; each value says how it came about. */
const registry = `
import { readFileSync } from 'node:fs';
import { node, pipeline } from 'kedro-server';

function toNode(index, { name, inputs, outputs, fails, pieces }) {
  const own = (names) => names.map((each) => 'q' + index + '_' + each);
  const valuesOf = (values, piece) => outputs.map((output) => ({ output, piece, of: values }));
  const run = (...values) => {
    if (fails) throw new RangeError('from ' + name);
    return outputs.length === 0 ? undefined : valuesOf(values, 0);
  };
  const yields = function* (...values) {
    for (let piece = 0; piece < pieces; piece += 1) yield valuesOf(values, piece);
  };
  const written = outputs.length === 0 ? null : own(outputs);
  return node(pieces > 0 ? yields : run, own(inputs), written, { name });
}

export function registerPipelines() {
  const recipes = JSON.parse(readFileSync(new URL('../recipes.json', import.meta.url), 'utf8'));
  const pipelines = recipes.map((nodes, index) => pipeline(nodes.map((each) => toNode(index, each))));
  return Object.fromEntries(pipelines.map((each, index) => ['q' + index, each]));
}
`;

function filesOf(questions: readonly RunQuestion[]): Record<string, string> {
  const files: Record<string, string> = {
    'src/pipeline_registry.ts': registry,
    'src/settings.ts': 'export const settings = { maxThreads: 2 };',
    'recipes.json': JSON.stringify(questions.map(({ nodes }) => nodes)),
  };
  const entries: Record<string, object> = {};
  for (const [index, { datasets }] of questions.entries()) {
    for (const [name, kind] of Object.entries(datasets)) {
      const dataset = `q${index}_${name}`;
      const filepath = `data/q${index}/${name}.json`;
      if (kind === 'ephemeral') entries[dataset] = { type: 'MemoryDataset' };
      else entries[dataset] = { type: 'json.JSONDataset', filepath };
      if (kind === 'existing') files[filepath] = JSON.stringify(`${name} as it was`);
    }
  }
  return { ...files, 'conf/base/catalog.yml': JSON.stringify(entries) };
}

/** What a run leaves behind; those that fail have run other nodes first than in sequence. */
function summarize({ error, events }: ToldRun, files: unknown) {
  if (error !== undefined)
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : 'no error' };
  const told = events.flatMap((event) => {
    if (event.type === 'output.ready') return [`${event.output} ${event.json}`];
    if ('dataset' in event) return [`${event.type} ${event.dataset} ${event.node}`];
    return 'node' in event && event.type !== 'log' ? [`${event.type} ${event.node}`] : [];
  });
  return { told: told.toSorted(compareCodePoints), files };
}

async function readFiles(project: ParallelProject, folder: string): Promise<unknown> {
  const path = join(project.path, 'data', folder);
  const names = await readdir(path).catch(() => []);
  return await Promise.all(
    names
      .toSorted(compareCodePoints)
      .map(async (name) => [name, await readFile(join(path, name), 'utf8')]),
  );
}

test(`${pipelineCount} random pipelines do in threads what they do in sequence (seed ${seed})`, async () => {
  const questions = fc.sample(runQuestion, { seed, numRuns: pipelineCount });
  const files = filesOf(questions);
  await using project = await createParallelProject(files);
  let failures = 0;
  for (const [index, { nodes, onlyMissingOutputs }] of questions.entries()) {
    const outputs = nodes.flatMap((each) => each.outputs.map((name) => `q${index}_${name}`));
    const answers = [];
    for (const runner of ['SequentialRunner', 'ParallelRunner']) {
      await rm(join(project.path, 'data', `q${index}`), { recursive: true, force: true });
      for (const [file, text] of Object.entries(files)) {
        if (file.startsWith(`data/q${index}/`)) await project.write(file, text);
      }
      const told = await project.run({
        pipelineNames: [`q${index}`],
        runner,
        outputs,
        onlyMissingOutputs,
      });
      answers.push(summarize(told, await readFiles(project, `q${index}`)));
      if (told.error !== undefined) failures += 1;
    }
    expect(answers[1], `pipeline q${index}`).toEqual(answers[0]);
  }
  expect(failures).toBeGreaterThan(4);
  expect(failures).toBeLessThan(2 * pipelineCount - 20);
});
