import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './load.ts';
import type { Contender, Running } from './servers.ts';

/** Figures of one contender, one for each round. */
export type Figures = ReadonlyMap<string, readonly number[]>;

/** Copies a project to a folder of its own, where it finds the same data. */
export async function copyProject(projectPath: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'kedro-server-bench-'));
  await cp(projectPath, copy, { recursive: true });
  const source = join(import.meta.dirname, '../node_modules/vega-datasets/data');
  await mkdir(join(copy, 'conf/local'), { recursive: true });
  await writeFile(join(copy, 'conf/local/globals.yml'), `source: ${source}\n`);
  return copy;
}

/**
 * Starts each contender afresh on its own copy of the project, in turn, `rounds` times, the order turned
 * from round to round, and takes the figure that `measure` returns.
 */
export async function measureAlternating(
  contenders: readonly Contender[],
  projectPath: string,
  rounds: number,
  measure: (running: Running, copy: string) => Promise<number>,
): Promise<Figures> {
  const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const turned = contenders.map((_, place) => contenders[(place + round) % contenders.length]);
    for (const contender of turned) {
      if (contender === undefined) continue;
      const copy = await copyProject(projectPath);
      const running = await contender.start(copy);
      try {
        figures.get(contender.name)?.push(await measure(running, copy));
      } finally {
        await running.stop();
        await rm(copy, { recursive: true, force: true });
      }
    }
  }
  return figures;
}

/** Returns the median over the rounds of `name`'s figure divided by `other`'s of the same round. */
export function ratio(figures: Figures, name: string, other: string): number {
  const others = figures.get(other) ?? [];
  return median(
    (figures.get(name) ?? []).map((figure, round) => figure / (others[round] ?? Number.NaN)),
  );
}
