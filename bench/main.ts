import { cpus } from 'node:os';
import { join } from 'node:path';
import { kedroPython } from '../scripts/python-env.ts';
import { scenarios, type Bench } from './scenarios.ts';
import { createContenders } from './servers.ts';

/** `npm run bench [-- NAME … [--rounds N]]`: measures side by side with Kedro's own server. */
async function main(args: readonly string[]): Promise<void> {
  const roundsAt = args.indexOf('--rounds');
  const rounds = roundsAt < 0 ? 3 : Number(args[roundsAt + 1]);
  const asked = args.filter(
    (_, place) => roundsAt < 0 || (place !== roundsAt && place !== roundsAt + 1),
  );
  const unknown = asked.filter((name) => !(name in scenarios));
  if (unknown.length > 0 || !(rounds >= 1)) {
    throw new Error(
      `${unknown.join(', ')}: not a benchmark. There are: ${Object.keys(scenarios).join(', ')}; --rounds takes a number.`,
    );
  }
  const python = await kedroPython('newest');
  const root = join(import.meta.dirname, '..');
  const bench: Bench = {
    contenders: createContenders(python),
    python,
    rounds,
    tiny: join(root, 'test/fixtures/tiny-kedro'),
    faults: join(root, 'test/fixtures/faults-kedro'),
    flights: join(root, 'examples/flights-kedro'),
  };
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}; medians of ${rounds} rounds, fresh processes, alternating\n`,
  );
  for (const name of asked.length > 0 ? asked : Object.keys(scenarios)) {
    for (const { what, medians, unit, compared } of (await scenarios[name]?.(bench)) ?? []) {
      console.log(what);
      for (const [contender, figure] of Object.entries(medians)) {
        console.log(
          `  ${contender.padEnd(40)} ${figure.toFixed(figure < 100 ? 2 : 0).padStart(10)} ${unit}`,
        );
      }
      console.log(`  → ${compared}\n`);
    }
  }
}

await main(process.argv.slice(2));
