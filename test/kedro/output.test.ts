import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import type { RunEvent, RunLog } from '../../src/executor/run-event.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';

const module = String.raw`
import ctypes
import logging
import os
import sys


def reuse_stdout(numbers):
    os.close(1)
    file = os.open("data/reused", os.O_WRONLY | os.O_CREAT)
    print("to the log")
    logging.getLogger("faults").info("this too")
    os.write(1, b"to the file")


def buffered(numbers):
    """Written to buffers that would be emptied when the process ends."""
    sys.stdout.buffer.write(b"1 by the buffer\n")
    print("2 without an end", end="")
    sys.__stdout__.write("3 by the first stdout\n")
    ctypes.CDLL(None).puts(b"4 by C")


def secrets(numbers):
    print("print https://me:hunter2@example.com/?token=hunter2&more=1")
    os.write(1, b"descriptor https://me:p@ss:hunter2@example.com\n")
    logging.getLogger("faults").info("logging %s", "https://me:hunter2@example.com")


def levels(numbers):
    logger = logging.getLogger("faults.levels")
    for level in (logging.INFO, 25, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, "at %d", level)
    logger.info("wrong %d", "argument")
    try:
        raise KeyError("cause")
    except KeyError:
        logger.exception("with its cause")


def long_line(numbers):
    print("x" * 100_000)
    os.write(1, b"y" * 100_000 + b"\n")


def empty_lines(numbers):
    for _ in range(30):
        os.write(1, b"\n" * 100_000)


def wide(numbers):
    for _ in range(1024):
        print("\u00e9" * 1023)
`;

const isOwn = ({ node, source }: RunLog): boolean => node !== null && source !== 'logging';
const isMine = (line: RunLog): boolean => isOwn(line) || line.logger === 'faults';

describe.skipIf(inject('pythonMissing') !== null)('what a run writes', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    // Buffers are as in most places; images often set it.
    vi.stubEnv('PYTHONUNBUFFERED', undefined);
    kedro = await openProject({
      workers: 1,
      maxLogBytes: 2 ** 20,
      prepare: async (project) => addNodes(project, module),
    });
    await kedro.executor.open();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await kedro[Symbol.asyncDispose]();
  });

  const run = async (pipeline: string, params?: object): Promise<readonly RunEvent[]> => {
    const events = await runToEnd(kedro.executor, orderPipeline(pipeline, params));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded', error: null });
    return events;
  };
  const worker = async (): Promise<unknown> => {
    await run('who_am_i');
    return kedro.readJson('process');
  };

  test('is told in order, with where it came from and its node', async () => {
    const events = await run('talk');
    const lines = events.filter(
      (event) => event.type === 'log' && (isOwn(event) || event.logger === 'faults.output'),
    );
    const line = (message: string, source: string, node = 'talk', level = 'info'): object => ({
      message,
      source,
      node,
      level,
      logger: source === 'logging' ? 'faults.output' : null,
    });
    expect(lines).toMatchObject([
      line('1 print', 'stdout'),
      line('2 logging.info', 'logging'),
      line('3 print to stderr', 'stderr'),
      line('4 os.write', 'output'),
      line('5 echo', 'output'),
      line('6 logging.warning', 'logging', 'talk', 'warning'),
      line('7 print, in two parts', 'stdout'),
      line('8 print of the second node', 'stdout', 'talk_again'),
      line(
        '9 logging.error of the second node\nwith a second line',
        'logging',
        'talk_again',
        'error',
      ),
    ]);
  });

  test('keeps the level and the cause of a record', async () => {
    const events = await run('levels');
    const records = events.filter(
      (event) => event.type === 'log' && event.logger === 'faults.levels',
    );
    expect(records).toMatchObject([
      { level: 'info', message: 'at 20' },
      { level: 'info', message: 'at 25' },
      { level: 'warning', message: 'at 30' },
      { level: 'error', message: 'at 40' },
      { level: 'critical', message: 'at 50' },
      {
        level: 'error',
        message: expect.stringMatching(/^with its cause\nTraceback [^]*KeyError: 'cause'$/),
      },
    ]);
    expect(linesOf(events).join('\n')).toContain('--- Logging error ---');
  });

  test('cannot forge what the worker says', async () => {
    const events = await run('bytes');
    expect(events.filter(({ type }) => type === 'run.ended')).toHaveLength(1);
    const lines = linesOf(events);
    expect(lines).toContain('half a character: \ufffd');
    expect(lines).toContain('\0\0\0\u0010{"type":"run.ended"}');
    expect(lines.at(-1)).toBe('lone surrogate: \udc80, null: \0, done');
  });

  test('is cut with a right count when it is a flood, and takes no memory here', async () => {
    await run('flood', { megabytes: 0 });
    const unlimited = await run('flood', { megabytes: 0 });
    const before = process.memoryUsage().rss;
    let kept = 0;
    let keptBytes = 0;
    let records = 0;
    let last = '';
    for await (const event of kedro.executor.execute(orderPipeline('flood', { megabytes: 50 }))) {
      if (event.type !== 'log') continue;
      last = event.message;
      if (event.source === 'logging') records += 1;
      if (!/^x+$/.test(last)) continue;
      kept += 1;
      keptBytes += last.length;
    }
    const [, lines, bytes] =
      /^(\d+) more lines \((\d+) bytes\) were cut: a run keeps 1048576 /.exec(last) ?? [];
    const cutRecords = linesOf(unlimited, () => true).length - records;
    expect(kept + Number(lines) - cutRecords).toBe(50 * 1024);
    const floodBytes = 50 * 1024 * 1023;
    expect(keptBytes + Number(bytes)).toBeGreaterThanOrEqual(floodBytes);
    expect(keptBytes + Number(bytes)).toBeLessThan(floodBytes + 1024);
    expect(keptBytes).toBeGreaterThan(2 ** 20 * 0.85);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(40);
    expect(stepsOf(await run('memory')).at(-1)).toBe('run.ended succeeded');
  });

  test('is cut when its lines are empty, too', async () => {
    const events = await run('empty_lines');
    const empty = linesOf(events).filter((line) => line === '').length;
    expect(empty).toBeLessThan(2 ** 20 / 128);
    expect(linesOf(events).at(-1)).toMatch(/^2\d{6} more lines \(\d+ bytes\) were cut/);
  });

  test('is counted in bytes, whatever the alphabet', async () => {
    const lines = linesOf(await run('wide'));
    const kept = lines.filter((line) => line.startsWith('é')).length;
    expect(kept * 2046).toBeLessThanOrEqual(2 ** 20);
    expect(kept).toBeGreaterThan(450);
    expect(lines.at(-1)).toMatch(/^5\d\d more lines \(1\d{6} bytes\) were cut/);
  });

  test('is cut where a line is too long', async () => {
    const lines = linesOf(await run('long_line'), isOwn);
    const lengths = lines.map((line) => [line[0], line.replace(/ .*/, '').length]);
    expect(lengths[0]).toEqual(['x', 65_537]);
    expect(lines[0]).toMatch(/x… \(34464 more characters were cut\)$/);
    // What is written past Python's streams comes as the pipe gives it.
    expect(lengths.slice(1).map(([first]) => first)).toEqual(lengths.slice(1).map(() => 'y'));
    expect(lengths.length).toBeLessThan(4);
  });

  test('finds its way when a node closes stdout, and in the next run', async () => {
    const before = await worker();
    await run('close_stdout');
    const lines = linesOf(await run('talk'));
    expect(lines.filter((line) => /^\d/.test(line))).toHaveLength(6);
    expect(await worker()).toEqual(before);
  });

  test('never gets into a file that has taken the place of stdout', async () => {
    const before = await worker();
    const events = await run('reuse_stdout');
    expect(linesOf(events, isMine)).toEqual(['to the log', 'this too']);
    await run('talk');
    expect(await worker()).toEqual(before);
    expect(await readFile(join(kedro.project.path, 'data/reused'), 'utf8')).toBe('to the file');
  });

  test('is its own, also what waits in buffers', async () => {
    const lines = linesOf(await run('buffered'), isOwn);
    expect(lines.toSorted()).toEqual([
      '1 by the buffer',
      '2 without an end',
      '3 by the first stdout',
      '4 by C',
    ]);
  });

  test('has no credentials of URLs', async () => {
    expect(linesOf(await run('secrets'), isMine)).toEqual([
      'print https://<redacted>@example.com/?token=<redacted>&more=<redacted>',
      'descriptor https://<redacted>@example.com',
      'logging https://<redacted>@example.com',
    ]);
    const events = await runToEnd(kedro.executor, orderPipeline('secret_error'));
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(events.at(-1)).toMatchObject({
      error: { type: 'RuntimeError', message: expect.stringContaining('example.com') },
    });
  });

  test('has no part in stdin, which is at its end', async () => {
    await run('read_stdin');
    expect(await kedro.readJson('stdin')).toEqual({ text: '', descriptor: '' });
  });
});

describe.skipIf(inject('pythonMissing') !== null)("a project's own logging", () => {
  const configuration = `
version: 1
disable_existing_loggers: false
formatters: { plain: { format: "%(levelname)s %(name)s %(message)s" } }
handlers:
  console: { class: logging.StreamHandler, stream: ext://sys.stdout, level: WARNING }
  rich: { class: kedro.logging.RichHandler, level: CRITICAL }
  file: { class: logging.FileHandler, filename: data/own.log, formatter: plain, delay: true }
loggers: { faults: { level: INFO } }
root: { handlers: [console, rich, file], level: INFO }
`;

  test.each(['fork', 'spawn'] as const)(
    'keeps its files and its levels (%s)',
    async (workerStart) => {
      await using kedro = await openProject({
        workers: 1,
        workerStart,
        prepare: async (project) => project.write('conf/logging.yml', configuration),
      });
      const events = await runToEnd(kedro.executor, orderPipeline('talk'));
      const records = linesOf(events, ({ source }) => source === 'logging');
      expect(records.filter((line) => /^\d /.test(line))).toEqual([
        '6 logging.warning',
        '9 logging.error of the second node\nwith a second line',
      ]);
      const file = await readFile(join(kedro.project.path, 'data/own.log'), 'utf8');
      expect(file).toContain('INFO faults.output 2 logging.info\n');
      expect(file).toContain('WARNING faults.output 6 logging.warning\n');
    },
  );
});
