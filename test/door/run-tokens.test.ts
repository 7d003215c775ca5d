import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createRunTokens, isRunToken } from '../../src/door/run-tokens.ts';

test('a token reads one run until its end', async () => {
  const tokens = createRunTokens(null);
  const endsAtMs = (Math.floor(Date.now() / 1000) + 60) * 1000;
  const token = await tokens.issue('key:ci', 'run-1', endsAtMs);
  expect(isRunToken(token)).toBe(true);
  expect(await tokens.read(token)).toEqual({
    id: 'key:ci',
    scopes: [],
    onlyRun: { id: 'run-1', endsAtMs },
  });
  expect(await tokens.read(await tokens.issue('key:ci', 'run-1', Date.now() - 1000))).toBeNull();
});

test('another server does not know it, but one with the same secret', async () => {
  const endsAtMs = Date.now() + 60_000;
  const token = await createRunTokens(null).issue('a', 'run-1', endsAtMs);
  expect(await createRunTokens(null).read(token)).toBeNull();
  const shared = await createRunTokens('a long secret').issue('a', 'run-1', endsAtMs);
  expect(await createRunTokens('a long secret').read(shared)).not.toBeNull();
  expect(await createRunTokens('another').read(shared)).toBeNull();
});

test('what is forged, or another kind of token, is not good', async () => {
  const secret = 'a long secret';
  const tokens = createRunTokens(secret);
  const token = await tokens.issue('a', 'run-1', Date.now() + 60_000);
  const [header = '', , signature = ''] = token.split('.');
  const claims = { sub: 'a', run: 'run-2', exp: Math.floor(Date.now() / 1000) + 60 };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const key = new TextEncoder().encode(secret);
  const sign = async (more: object, alg = 'HS256', typ = 'kedro-run+jwt') =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg, typ }).sign(key);
  const bad = [
    `${header}.${payload}.${signature}`,
    `${header}.${payload}.`,
    await sign({}, 'HS256', 'JWT'),
    await sign({ run: 7 }),
    await sign({ run: undefined }),
    await sign({ exp: undefined }),
    await sign({ sub: undefined }),
    await sign({}, 'HS512'),
    '',
    'x.y.z',
  ];
  for (const each of bad) expect([each, await tokens.read(each)]).toEqual([each, null]);
  expect(await tokens.read(await sign({}))).not.toBeNull();
});

test.each(['', 'x', '..', 'kds_00', '%%%.x', `${'a'.repeat(100_000)}.b`, 'e30.e30.e30'])(
  '%j is no token for a run',
  (token) => {
    expect(isRunToken(token)).toBe(false);
  },
);
