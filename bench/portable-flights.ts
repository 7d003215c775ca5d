import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNativeExecutor } from '../src/executor/native-executor.ts';
import { defineProject, node, pipeline } from '../src/index.ts';
import { createDiskFileSystem } from '../src/nodejs/disk-file-system.ts';
import { createRunOrder } from '../test/conformance/run-order.ts';

/** `node bench/portable-flights.ts 200k|3m`: the pipeline `clock`, without any native code. */
const data = join(import.meta.dirname, '../node_modules/vega-datasets/data');

interface Record3m {
  readonly date: Date;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

interface Record200k {
  readonly delay: number;
  readonly distance: number;
  readonly time: number;
}

type Record = Record3m | Record200k;

/** Numbers by column: what is small enough to be copied from node to node. */
interface Clean {
  readonly delay: Float64Array;
  readonly hours: Float64Array;
  readonly distance: Float64Array;
}

function hourOf(record: Record): number {
  if ('time' in record) return record.time;
  return record.date.getUTCHours() + record.date.getUTCMinutes() / 60;
}

function isRepeated(record: Record, seen: Set<string>): boolean {
  if (!('date' in record)) return false;
  const { date, delay, distance, origin, destination } = record;
  const key = `${date.getTime()} ${delay} ${distance} ${origin} ${destination}`;
  const before = seen.size;
  return seen.add(key).size === before;
}

function cleanFlights(flights: readonly Record[]): Clean {
  const seen = new Set<string>();
  const kept = flights.filter(
    (record) => record.delay >= -60 && record.delay <= 360 && !isRepeated(record, seen),
  );
  return {
    delay: Float64Array.from(kept, ({ delay }) => delay),
    hours: Float64Array.from(kept, (record) => (hourOf(record) - 4 + 24) % 24),
    distance: Float64Array.from(kept, ({ distance }) => distance),
  };
}

function splitFlights({ delay, hours, distance }: Clean): { train: Clean; test: Clean } {
  const keep = (isWanted: (index: number) => boolean): Clean => ({
    delay: delay.filter((_, index) => isWanted(index)),
    hours: hours.filter((_, index) => isWanted(index)),
    distance: distance.filter((_, index) => isWanted(index)),
  });
  return { train: keep((index) => index % 5 !== 0), test: keep((index) => index % 5 === 0) };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function covariance(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return a.reduce((sum, value, index) => sum + (value - meanA) * ((b[index] ?? 0) - meanB), 0);
}

/** Least squares of two features, by Cramer's rule. */
function fitDelayModel({ delay, hours, distance }: Clean) {
  const [hh, hd, dd] = [
    covariance(hours, hours),
    covariance(hours, distance),
    covariance(distance, distance),
  ];
  const [hy, dy] = [covariance(hours, delay), covariance(distance, delay)];
  const determinant = hh * dd - hd * hd;
  const [hourly, farther] = [(hy * dd - dy * hd) / determinant, (dy * hh - hy * hd) / determinant];
  const intercept = meanOf(delay) - hourly * meanOf(hours) - farther * meanOf(distance);
  return { intercept, hourly, farther };
}

function scoreDelayModel(model: ReturnType<typeof fitDelayModel>, test: Clean) {
  const { intercept, hourly, farther } = model;
  const mean = meanOf(test.delay);
  const rootMeanSquare = (errorAt: (index: number) => number): number =>
    Math.sqrt(meanOf(test.delay.map((_, index) => errorAt(index) ** 2)));
  const at = (values: Float64Array, index: number): number => values[index] ?? 0;
  const error = rootMeanSquare(
    (index) =>
      at(test.delay, index) -
      (intercept + hourly * at(test.hours, index) + farther * at(test.distance, index)),
  );
  const errorOfMean = rootMeanSquare((index) => at(test.delay, index) - mean);
  return { flights_tested: test.delay.length, r2: 1 - (error / errorOfMean) ** 2, error };
}

const catalog = `
flights-200k: { type: pandas.FeatherDataset, filepath: ${data}/flights-200k.arrow }
flights-3m: { type: pandas.ParquetDataset, filepath: ${data}/flights-3m.parquet }
`;

async function main(flights: string): Promise<void> {
  let metrics: unknown;
  const executor = createNativeExecutor({
    project: defineProject({
      projectName: 'Flights without native code',
      packageName: 'flights',
      config: { 'base/catalog.yml': catalog },
      settings: { fileSystems: { '': createDiskFileSystem(data) } },
      pipelines: {
        __default__: pipeline([
          node(cleanFlights, `flights-${flights}`, 'clean', { name: 'clean_flights' }),
          node(splitFlights, 'clean', { train: 'train', test: 'test' }, { name: 'split_flights' }),
          node(fitDelayModel, 'train', 'model', { name: 'fit_delay_model' }),
          node(scoreDelayModel, ['model', 'test'], 'metrics', { name: 'score_delay_model' }),
          node((score: unknown) => void (metrics = score), 'metrics', null, { name: 'tell' }),
        ]),
      },
    }),
  });
  await executor.open();
  const startedAt = performance.now();
  const spentBefore = process.cpuUsage();
  for await (const event of executor.execute(createRunOrder())) {
    if (event.type === 'run.ended' && event.error !== null) throw new Error(event.error.message);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(spentBefore);
  await executor.close();
  const status = await readFile('/proc/self/status', 'utf8');
  const peakMegabytes = Number(/^VmHWM:\s+(\d+)/mu.exec(status)?.[1] ?? Number.NaN) / 1024;
  const processorSeconds = (user + system) / 1e6;
  console.log(JSON.stringify({ seconds, processorSeconds, peakMegabytes, metrics }));
}

await main(process.argv[2] ?? '200k');
