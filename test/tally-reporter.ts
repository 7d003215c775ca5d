import type { Reporter, SerializedError, TestModule } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends the output with the plain line `N passed, N failed[, N skipped]`. What fails outside a
 * test (a file that does not load, a hook, an error that nobody caught) counts as one failure,
 * and so does a test that never ended.
 */
export class TallyReporter implements Reporter {
  #tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  #warnings = '';

  onInit(): void {
    // After everything that Vitest prints, teardown included.
    process.once('exit', (code) => {
      if (code !== 0 && this.#tally.failed === 0) this.#tally.failed = 1;
      process.stdout.write(`${this.#warnings}${toLine(this.#tally)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], uncaught: readonly SerializedError[]): void {
    this.#tally = countTests(modules);
    this.#tally.failed += uncaught.length;
    const missing = modules[0]?.project.getProvidedContext();
    this.#warnings =
      toWarning('PYTHON WITH KEDRO', missing?.pythonMissing) +
      toWarning('POSTGRESQL', missing?.postgresMissing) +
      toWarning('REDIS', missing?.redisMissing) +
      toWarning('SMALL DISK', missing?.smallDiskMissing) +
      toWarning('CHROMIUM', missing?.chromiumMissing);
  }
}

function countTests(modules: readonly TestModule[]): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    const holders = [module, ...module.children.allSuites()];
    tally.failed += holders.filter((holder) => holder.errors().length > 0).length;
    const tests = [...module.children.allTests()];
    if (tests.length === 0 && module.errors().length === 0 && !module.ok()) tally.failed += 1;
    for (const test of tests) {
      const { state } = test.result();
      tally[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return tally;
}

function toWarning(what: string, reason: string | null = null): string {
  if (reason === null) return '';
  const stars = '*'.repeat(76);
  return `\n${stars}\nNO ${what}: the suites that need one were SKIPPED.\n${reason}\n${stars}\n\n`;
}

function toLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
