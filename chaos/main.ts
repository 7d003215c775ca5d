import { inspect, parseArgs } from 'node:util';
import { kedroPython } from '../scripts/python-env.ts';
import { Report } from './report.ts';
import { scenarios } from './scenarios.ts';

const usage = `Usage: npm run chaos [-- SCENARIO … --seed N --minutes N --scale N]

Scenarios: ${Object.keys(scenarios).join(', ')}; all of them by default.
  --seed     what the faults and the calls are drawn from [by the clock]
  --minutes  how long each world of \`faults\` is shaken, and \`overload\` lasts [1]
  --scale    by which the numbers of runs are multiplied, below 1 to try a scenario out [1]`;

/** Runs the scenarios that are asked for; the exit code is 1 when a promise was broken. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '1' },
      scale: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const minutes = Number(values.minutes);
  const scale = Number(values.scale);
  const unknown = positionals.filter((name) => !Object.hasOwn(scenarios, name));
  if (unknown.length > 0 || !Number.isSafeInteger(seed) || !(minutes > 0) || !(scale > 0)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const report = new Report((line) => console.log(line));
  const chaos = { report, seed, minutes, scale, python: await kedroPython('newest') };
  console.log(`seed ${seed}: --seed ${seed} draws the same faults and calls again`);
  for (const name of positionals.length > 0 ? positionals : Object.keys(scenarios)) {
    console.log(`\n${name}`);
    const startedAt = performance.now();
    try {
      await scenarios[name]?.(chaos);
    } catch (error) {
      const measured = inspect(error);
      report.check({ what: `${name} can be tried`, measured, bound: 'no error', ok: false });
    }
    report.tell(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  if (report.broken > 0) {
    console.log(`\n${report.broken} promise(s) broken; seed ${seed}`);
    process.exitCode = 1;
  }
}

// What has been started is ended when the process exits, which a signal alone does not make it do.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

await main();
