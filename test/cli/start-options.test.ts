import { expect, test } from 'vitest';
import { START_HELP, parseStartOptions } from '../../src/cli/start-options.ts';

test("without arguments it is Kedro's defaults", () => {
  expect(parseStartOptions([])).toEqual({
    host: '127.0.0.1',
    port: 8000,
    reload: false,
    logLevel: 'info',
    graceMs: 30_000,
    allowPrivateCallbacks: false,
    door: { allowAnonymous: false, limits: {} },
  });
});

test('every option is read', () => {
  const args =
    '-H ::1 -p 0 -e staging --conf-source s3://bucket/conf --reload --workers 3 --python /bin/python ' +
    '--project=/some/where --remote http://a:1,https://b --worker-start spawn --max-runs-per-worker 100 --max-worker-memory 2GiB ' +
    '--max-body 10MB --grace 1.5 --log-level debug --store memory --keep-days 2 --keep-runs 50 ' +
    '--max-waiting 0 --timeout 90 --allow-private-callbacks --trust-params --pass-env TOKEN,APP_* --param-roots /mnt/a,s3://b/c ' +
    '--allowed-hosts kedro.example.org,[::2]:80 --allowed-origins https://app.example.org --allow-anonymous ' +
    '--keys keys.jsonl --issuer https://a.example --audience kedro --jwks https://a.example/jwks --rate 60 --open-runs 4';
  expect(parseStartOptions(args.split(' '))).toEqual({
    host: '::1',
    port: 0,
    env: 'staging',
    confSource: 's3://bucket/conf',
    reload: true,
    workers: 3,
    python: '/bin/python',
    project: '/some/where',
    remote: ['http://a:1', 'https://b'],
    workerStart: 'spawn',
    maxRunsPerWorker: 100,
    maxWorkerMemoryBytes: 2_147_483_648,
    maxBodyBytes: 10_000_000,
    graceMs: 1500,
    logLevel: 'debug',
    store: 'memory',
    maxRunAgeMs: 172_800_000,
    maxEndedRuns: 50,
    maxWaiting: 0,
    timeoutMs: 90_000,
    allowPrivateCallbacks: true,
    trustParams: true,
    passEnv: ['TOKEN', 'APP_*'],
    paramRoots: ['/mnt/a', 's3://b/c'],
    door: {
      allowedHosts: ['kedro.example.org', '[::2]:80'],
      allowedOrigins: ['https://app.example.org'],
      allowAnonymous: true,
      keys: 'keys.jsonl',
      issuer: 'https://a.example',
      audience: 'kedro',
      jwks: 'https://a.example/jwks',
      limits: { requestsPerMinute: 60, openRuns: 4 },
    },
  });
});

test('the last of an option given twice counts', () => {
  expect(parseStartOptions(['--port', '1', '-p2'])?.port).toBe(2);
});

test.each([['-h'], ['--help'], ['--port', '80', '--help']])('%j asks for the help', (...args) => {
  expect(parseStartOptions(args)).toBeNull();
});

test('the help names every option and fits a terminal', () => {
  const lines = START_HELP.split('\n');
  expect(
    lines.filter((line) => line.startsWith('  -') || line.startsWith('      --')),
  ).toHaveLength(37);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});
