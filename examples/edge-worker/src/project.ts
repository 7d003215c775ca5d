import { createMemoryFileSystem, defineProject, logOf, node, pipeline } from 'kedro-server';
import type { NodeContext } from 'kedro-server';

import catalog from '../conf/base/catalog.yml';
import parameters from '../conf/base/parameters.yml';
import readings from '../data/readings.csv';

interface Reading {
  readonly station: string;
  readonly celsius: number;
}

interface Plausible {
  readonly lowest: number;
  readonly highest: number;
}

function keepPlausible(
  all: readonly Reading[],
  { lowest, highest }: Plausible,
  context: NodeContext,
): readonly Reading[] {
  const kept = all.filter(({ celsius }) => celsius >= lowest && celsius <= highest);
  logOf(context).info(`${all.length - kept.length} of ${all.length} readings are faults`);
  return kept;
}

function averageByStation(all: readonly Reading[]): Record<string, number> {
  const stations = Object.groupBy(all, ({ station }) => station);
  return Object.fromEntries(
    Object.entries(stations).map(([station, own = []]) => [
      station,
      own.reduce((sum, { celsius }) => sum + celsius, 0) / own.length,
    ]),
  );
}

/** A sleep that ends with the run. */
async function wait(ms: number, { signal }: NodeContext): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => reject(new Error('The run was stopped.')), { once: true });
  setTimeout(resolve, ms);
  await promise;
  return ms;
}

const passContext = true;

/** Configuration and data are bundled with the code; results are written into memory. */
export const project = defineProject({
  projectName: 'Weather',
  packageName: 'weather',
  pipelines: {
    __default__: pipeline([
      node(keepPlausible, ['readings', 'params:plausible'], 'plausible_readings', {
        name: 'keep_plausible',
        passContext,
      }),
      node(averageByStation, 'plausible_readings', 'averages', { name: 'average_by_station' }),
    ]),
    wait: pipeline([node(wait, 'params:wait_ms', 'waited_ms', { name: 'wait', passContext })]),
  },
  config: { 'base/catalog.yml': catalog, 'base/parameters.yml': parameters },
  settings: { fileSystems: { '': createMemoryFileSystem({ 'data/readings.csv': readings }) } },
});
