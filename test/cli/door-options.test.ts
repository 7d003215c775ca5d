import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Door, openDoor } from '../../src/cli/door-options.ts';
import { parseStartOptions } from '../../src/cli/start-options.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());

async function open(...args: readonly string[]): Promise<Door['guards']> {
  const options = parseStartOptions(args);
  if (options === null) throw new Error('The help was asked for.');
  return (await openDoor(options.host, options.door)).guards;
}

const line = JSON.stringify({ name: 'ci', scopes: ['read'], sha256: '0'.repeat(64) });
const issuer = ['--issuer', 'x', '--audience', 'y', '--jwks', 'https://z.example/jwks'];

test('on loopback it is known by the names of loopback and those that are given', async () => {
  expect(await open()).toEqual({
    allowedHosts: ['localhost', '127.0.0.1', '[::1]', '127.0.0.1'],
    allowedOrigins: [],
  });
  const { allowedHosts } = await open(
    '--host',
    '::1',
    '--allowed-hosts',
    'a.example, b.example:80',
  );
  expect(allowedHosts?.slice(-3)).toEqual(['[::1]', 'a.example', 'b.example:80']);
});

test.each(['0.0.0.0', '::', 'kedro.example.org', '10.0.0.1'])(
  'on %s strangers are let in only by name',
  async (host) => {
    await expect(open('--host', host)).rejects.toThrow(`On '${host}' every machine`);
    const anonymous = await open('--host', host, '--allow-anonymous');
    expect(anonymous).toEqual({ allowedOrigins: [] });
    expect((await open('--host', host, ...issuer)).auth).toMatchObject({
      issuer: { issuer: 'x', audience: 'y', jwks: 'https://z.example/jwks' },
    });
  },
);

test('keys come from a file and from the variable', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('keys.jsonl', `${line}\n`);
  vi.stubEnv('KEDRO_SERVER_KEYS', line.replace('ci', 'ops'));
  const { auth } = await open('--keys', path.join(folder.path, 'keys.jsonl'), '--rate', '60');
  const keys = typeof auth?.keys === 'function' ? auth.keys() : [];
  expect(keys.map(({ name }) => name)).toEqual(['ci', 'ops']);
  expect(auth?.limits).toEqual({ requestsPerMinute: 60 });
});

test.each([
  [
    ['--issuer', 'https://login.example.org'],
    "Options '--issuer', '--audience' and '--jwks' belong together",
  ],
  [[...issuer, '--jwks', 'keys.json'], "Invalid value for '--jwks': 'keys.json' is no address"],
  [
    ['--rate', '10'],
    "Options '--rate' and '--open-runs' are by caller, and the server knows none.",
  ],
  [['--allow-anonymous', ...issuer], "Option '--allow-anonymous' lets everybody in, but there are"],
  [['--keys', 'no/such'], "The file of keys 'no/such' cannot be read."],
  [['--allowed-hosts', 'http://a.example'], "'http://a.example' is no allowed host"],
  [['--allowed-origins', 'a.example'], "'a.example' is no origin of a page"],
])('%j is refused', async (args, message) => {
  await expect(open(...args)).rejects.toThrow(message);
});
