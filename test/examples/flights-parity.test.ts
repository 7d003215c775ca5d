import { csvParse } from 'd3-dsv';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import type { Executor } from '../../src/executor/executor.ts';
import type { DatasetSnapshot, ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { loadProject } from '../../src/nodejs/load-project.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd } from '../conformance/watched-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { kedroPython } from '../python-env.ts';
import { copyFlights } from './flights-project.ts';

interface Twin {
  readonly folder: TemporaryFolder;
  readonly executor: Executor;
}

/** Types of the same datasets, with Kedro and here. */
const types: Readonly<Record<string, string>> = {
  'pandas.GenericDataset': 'duckdb.FileDataset',
  'pandas.CSVDataset': 'duckdb.FileDataset',
  'pandas.ParquetDataset': 'duckdb.FileDataset',
  'pickle.PickleDataset': 'json.JSONDataset',
};

function toOurDataset({ name, type, filepath }: DatasetSnapshot): DatasetSnapshot {
  const isSmallTable = name.endsWith('_table');
  return {
    name,
    type: type === null || isSmallTable ? type : (types[type] ?? type),
    filepath: filepath?.replace(/\.pickle$/u, '.json') ?? null,
  };
}

/** What Kedro's snapshot is in TypeScript: other names of functions, other types of datasets. */
function toOurSnapshot({ pipelines, datasets, ...rest }: ProjectSnapshot): ProjectSnapshot {
  return {
    ...rest,
    pipelines: pipelines.map((pipeline) => ({
      ...pipeline,
      nodes: pipeline.nodes.map((node) => ({
        ...node,
        funcName: node.funcName.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase()),
        source: null,
      })),
    })),
    datasets: Object.fromEntries(
      Object.entries(datasets).map(([name, dataset]) => [name, toOurDataset(dataset)]),
    ),
  };
}

function withoutSources(snapshot: ProjectSnapshot): ProjectSnapshot {
  const pipelines = snapshot.pipelines.map((pipeline) => ({
    ...pipeline,
    nodes: pipeline.nodes.map((node) => ({ ...node, source: null })),
  }));
  return { ...snapshot, pipelines };
}

describe.skipIf(inject('pythonMissing') !== null)('the flights projects', () => {
  let ours: Twin;
  let theirs: Twin;

  beforeAll(async () => {
    const [folder, kedroFolder] = [
      await copyFlights('flights'),
      await copyFlights('flights-kedro'),
    ];
    const project = () => loadProject(folder.path);
    ours = { folder, executor: createNativeExecutor({ project }) };
    const python = await kedroPython('newest');
    const options = { projectPath: kedroFolder.path, python, workers: 1 };
    theirs = { folder: kedroFolder, executor: createKedroExecutor(options) };
  });
  afterAll(async () => {
    for (const { executor, folder } of [ours, theirs]) {
      await executor.close();
      await folder[Symbol.asyncDispose]();
    }
  });

  async function runBoth(pipeline: string, flights: string) {
    const order = orderPipeline(pipeline, { flights });
    return await Promise.all(
      [ours, theirs].map(async ({ executor, folder }) => {
        const end = (await runToEnd(executor, order)).at(-1);
        const read = async (file: string) => {
          const versioned = path.join('data', file, order.runId, path.basename(file));
          return await readFile(path.join(folder.path, versioned), 'utf8');
        };
        const readAll = async (...files: string[]) => await Promise.all(files.map(read));
        return { end, read, readAll };
      }),
    );
  }

  const metrics = ['07_model_output/clock_model.json', '07_model_output/journey_model.json'];
  const tables = ['08_reporting/hours.csv', '08_reporting/airports.csv'];
  const summary = '08_reporting/summary.md';

  test('describe the same nodes, pipelines, datasets and parameters', async () => {
    const [our, their] = await Promise.all(
      [ours, theirs].map(async ({ executor }) => await executor.snapshot({ params: null })),
    );
    expect(withoutSources(our!)).toEqual(toOurSnapshot(their!));
    expect(our!.pipelines.map(({ nodes }) => nodes.map(({ name }) => name))).toEqual(
      their!.pipelines.map(({ nodes }) => nodes.map(({ name }) => name)),
    );
  });

  test.each(['2k', '20k'])(
    'give the same figures, tables and summary of %s flights',
    async (flights) => {
      const [our, their] = await runBoth('__default__', flights);
      expect(our?.end).toMatchObject({ status: 'succeeded' });
      expect(their?.end).toMatchObject({ status: 'succeeded' });
      const figures = toFigures(await our!.readAll(...metrics));
      expect(Object.keys(figures[0]!)).toContain('coefficients');
      expect(figures).toEqual(toFigures(await their!.readAll(...metrics)));
      for (const file of tables) {
        const [ourTable, theirTable] = [await our!.read(file), await their!.read(file)];
        expect(toNumbers(ourTable)).toEqual(toNumbers(theirTable));
      }
      expect(await our!.read(summary)).toBe(await their!.read(summary));
    },
  );

  test.each(['200k', '200k-arrow'])(
    'give the same figures of %s flights, which name no airports',
    async (flights) => {
      const [our, their] = await runBoth('clock', flights);
      expect(JSON.parse(await our!.read(metrics[0]!))).toEqual(
        JSON.parse(await their!.read(metrics[0]!)),
      );
    },
  );

  test('say the same of flights that name no airports where these are needed', async () => {
    const [our, their] = await runBoth('__default__', '200k');
    const message = expect.stringContaining('have no origin and no destination');
    expect(our?.end).toMatchObject({ status: 'failed', error: { message } });
    expect(their?.end).toMatchObject({ status: 'failed', error: { message } });
  });
});

function toFigures(texts: readonly string[]): readonly object[] {
  return texts.map((text) => JSON.parse(text) as object);
}

/** A table with its columns and order; pandas writes `7.0` where we write `7`. */
function toNumbers(text: string): readonly object[] {
  return csvParse(text, (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        Number.isNaN(Number(value)) ? value : Number(value),
      ]),
    ),
  );
}
