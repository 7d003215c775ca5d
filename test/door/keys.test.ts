import { describe, expect, test } from 'vitest';
import { createKeyRing } from '../../src/door/key-ring.ts';
import { createKey, parseKeys } from '../../src/door/stored-key.ts';
import { ServerSettingsError } from '../../src/errors.ts';

test('a key is known by what is stored of it, and is not in that', async () => {
  const { key, stored } = await createKey({
    name: 'ci',
    scopes: ['read', 'run'],
    pipelines: ['report'],
    expires: new Date(Date.now() + 60_000),
  });
  expect(key).toMatch(/^kds_[0-9a-f]{64}$/);
  const line = JSON.stringify(stored);
  expect(line).not.toContain(key.slice(4, 20));
  const ring = createKeyRing(parseKeys(line, 'keys'));
  expect(await ring(key)).toEqual({
    id: 'key:ci',
    scopes: ['read', 'run'],
    pipelines: ['report'],
  });
});

test('no other key is known', async () => {
  const { key, stored } = await createKey({ name: 'ci', scopes: ['read'] });
  const { stored: another } = await createKey({ name: 'other', scopes: ['admin'] });
  const ring = createKeyRing([another, stored]);
  expect((await ring(key))?.id).toBe('key:ci');
  const wrong = ['', key.slice(0, -1), `${key}0`, key.toUpperCase(), `kds_${stored.sha256}`];
  for (const text of wrong) expect(await ring(text)).toBeNull();
  expect(await createKeyRing([])(key)).toBeNull();
});

test('a key that has ended is not known', async () => {
  const { key, stored } = await createKey({ name: 'ci', scopes: ['read'], expires: new Date(0) });
  expect(await createKeyRing([stored])(key)).toBeNull();
});

describe('lines of keys', () => {
  const hash = '0'.repeat(64);
  const good = JSON.stringify({ name: 'a', scopes: ['read'], sha256: hash });

  test('may be empty or comments', () => {
    expect(parseKeys(`# ours\r\n\n${good}\n  \n`, 'keys')).toHaveLength(1);
  });

  test.each([
    ['kds_0123', 'it is no JSON'],
    ['{"name": "kds_secret', 'it is no JSON'],
    ['[]', 'Invalid input: expected object'],
    ['{"name": "a", "scopes": ["read"]}', 'sha256'],
    [`{"name": "a", "scopes": ["write"], "sha256": "${hash}"}`, 'scopes.0'],
    [`{"name": "a", "scopes": [], "sha256": "${hash}"}`, 'scopes'],
    [`{"name": "", "scopes": ["read"], "sha256": "${hash}"}`, 'name'],
    [`{"name": "a", "scopes": ["read"], "sha256": "${hash}0"}`, 'sha256 has to be 64 hexa'],
    [`{"name": "a", "scopes": ["read"], "sha256": "${hash}", "expires": "soon"}`, 'expires'],
    [`{"name": "a", "scopes": ["read"], "sha256": "${hash}", "pipelines": []}`, 'pipelines'],
    [`{"name": "a", "scopes": ["read"], "sha256": "${hash}", "more": 1}`, 'more'],
  ])('that are none are refused, and not repeated: %s', (line, problem) => {
    const parse = (): unknown => parseKeys(`${good}\n${line}`, "'keys.jsonl'");
    expect(parse).toThrow(ServerSettingsError);
    expect(parse).toThrow("Line 2 of 'keys.jsonl' is no key (");
    expect(parse).toThrow(problem);
    expect(parse).not.toThrow('kds_');
  });
});
