import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test } from 'vitest';

import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { createClient } from '../../src/client/index.ts';
import { startCli } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';
import { postRun, startProject } from './served-project.ts';
import { startTraceCollector, type CollectedSpan } from './trace-collector.ts';

const start = ['start', '--port', '0'];

const failing = `
export function scale(): number[] {
  throw new RangeError('out of range');
}
`;

test('sends the spans of runs to the collector of the environment, the last ones at the end', async () => {
  await using collector = await startTraceCollector();
  await using project = await createTypescriptProject();
  const env = { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '600000' };
  await using cli = startCli(start, { cwd: project.path, env });
  const { run_id: saveVersion } = await postRun(await cli.url, { params: { factor: 3 } });
  const { trace_id: traceId } = await cli.log({ event: 'run.ended', saveVersion });
  expect(collector.spans).toEqual([]);
  cli.kill('SIGTERM');
  expect(await cli.ended).toMatchObject({ exitCode: 0 });

  const { spans } = collector;
  const nameOf = (spanId?: string) => spans.find((span) => span.spanId === spanId)?.name;
  const tree = spans.map(({ name, parentSpanId }) => `${nameOf(parentSpanId)} > ${name}`);
  expect(tree.toSorted()).toEqual([
    'node scale > load numbers',
    'node scale > load params:factor',
    'node scale > save scaled',
    'node sum > load scaled',
    'node sum > save total',
    'run __default__ > node scale',
    'run __default__ > node sum',
    'undefined > run __default__',
  ]);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const run = spans.find(({ name }) => name === 'run __default__');
  expect(run).toMatchObject({
    resource: { 'service.name': 'kedro-server' },
    attributes: { 'kedro.run.save_version': saveVersion, 'kedro.run.status': 'succeeded' },
  });
});

test('a run is part of the trace of its caller, and says so', async () => {
  await using collector = await startTraceCollector();
  await using project = await createTypescriptProject();
  const env = { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '10' };
  await using cli = startCli(start, { cwd: project.path, env });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const headers = { traceparent, 'x-request-id': 'order-7' };
  const { run } = await createClient({ url: await cli.url, headers }).run();
  expect(run).toMatchObject({ trace_id: traceId, request_id: 'order-7' });
  await cli.log({ event: 'run.ended', runId: run.id, trace_id: traceId, requestId: 'order-7' });
  await expect.poll(() => collector.spans.map(({ name }) => name)).toContain('run __default__');
  const span = collector.spans.find(({ name }) => name === 'run __default__');
  expect(span).toMatchObject({
    traceId,
    parentSpanId: '00f067aa0ba902b7',
    attributes: { 'kedro.run.id': run.id, 'kedro.request.id': 'order-7' },
  });
  const own = await createClient({ url: await cli.url }).run();
  const { trace_id: ownId } = await cli.log({ event: 'run.ended', runId: own.run.id });
  expect(own.run.trace_id).toBe(ownId);
});

test('a run that fails is an error in its trace; the service has the name that it is given', async () => {
  await using collector = await startTraceCollector();
  await using project = await createTypescriptProject({
    'src/pipelines/scale/nodes.ts': failing,
  });
  const env = { ...collector.env, OTEL_SERVICE_NAME: 'prices', OTEL_BSP_SCHEDULE_DELAY: '10' };
  await using cli = startCli(start, { cwd: project.path, env });
  await postRun(await cli.url);
  await expect.poll(() => collector.spans.map(({ name }) => name)).toContain('run __default__');
  const told = ({ name, status, attributes }: CollectedSpan) => [name, status, attributes];
  const error = { 'error.type': 'RangeError' };
  const status = { code: 2, message: 'out of range' };
  expect(collector.spans.map(told)).toEqual(
    expect.arrayContaining([
      ['node scale', status, expect.objectContaining(error)],
      ['run __default__', status, expect.objectContaining(error)],
    ]),
  );
  expect(collector.spans[0]?.resource).toMatchObject({ 'service.name': 'prices' });
});

test.skipIf(inject('pythonMissing') !== null)(
  'nodes of Kedro are spans, and can send others below them',
  async () => {
    await using collector = await startTraceCollector();
    await using project = await copyProject('tiny-kedro');
    const registry = path.join(project.path, 'src/tiny/pipeline_registry.py');
    await appendFile(
      registry,
      '\n\ndef total(numbers):\n    import os\n\n    print(os.environ["TRACEPARENT"])\n    return {"total": sum(numbers)}\n',
    );
    const env = { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '10' };
    await using cli = await startProject(project.path, ['--workers', '1'], env);
    const client = createClient({ url: await cli.url });
    const { run } = await client.run({ runner: 'ThreadRunner' });
    const printed: string[] = [];
    for await (const { source, message } of client.logs(run.id)) {
      if (source === 'stdout') printed.push(message);
    }
    await expect.poll(() => collector.spans.map(({ name }) => name)).toContain('run __default__');
    const { spans } = collector;
    const root = spans.find(({ name }) => name === 'run __default__');
    expect(printed).toEqual([`00-${root?.traceId}-${root?.spanId}-01`]);
    const nameOf = (spanId?: string) => spans.find((span) => span.spanId === spanId)?.name;
    const tree = spans.map(({ name, parentSpanId }) => `${nameOf(parentSpanId)} > ${name}`);
    expect(tree.toSorted()).toEqual([
      'node double > load numbers',
      'node double > load params:factor',
      'node double > save doubled',
      'node total > load doubled',
      'node total > save total',
      'run __default__ > node double',
      'run __default__ > node total',
      'undefined > run __default__',
    ]);
  },
);

test('a collector that is not there keeps nothing from running or stopping', async () => {
  await using project = await createTypescriptProject();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
  };
  await using cli = startCli(start, { cwd: project.path, env });
  expect(await postRun(await cli.url)).toMatchObject({ status: 'success' });
  cli.kill('SIGTERM');
  const { exitCode, stderr } = await cli.ended;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/"event":"tracing/);
});

test('without the SDK it says what to install, and serves', async () => {
  await using project = await createTypescriptProject();
  const hook = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        return next(specifier.startsWith('@opentelemetry/sdk') ? specifier + '-missing' : specifier, context);
      },
    });`;
  const env = {
    OTEL_TRACES_EXPORTER: 'otlp',
    NODE_OPTIONS: `--import ${await project.write('hide-sdk.mjs', hook)}`,
  };
  await using cli = startCli(start, { cwd: project.path, env });
  expect(await postRun(await cli.url)).toMatchObject({ status: 'success' });
  const { msg } = await cli.log({ event: 'tracing-missing' });
  expect(msg).toMatch(/npm install @opentelemetry\/sdk-node/);
});

test('the SDK stays unloaded where nobody wants traces', async () => {
  await using project = await createTypescriptProject();
  const env = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  await using cli = startCli([...start, '--log-level', 'debug'], { cwd: project.path, env });
  await postRun(await cli.url);
  cli.kill('SIGTERM');
  expect((await cli.ended).stderr).not.toMatch(/tracing|trace_id/);
});
