import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIssuedTokens } from '../../src/door/issued-tokens.ts';
import { IssuerUnreachable } from '../../src/door/issuer-unreachable.ts';

const issuer = 'https://login.example.org/';
const audience = 'kedro';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwks: JSONWebKeySet;
}

async function createPair(kid: string, alg = 'ES256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg }] } };
}

function toSeconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}

type Claims = Readonly<Record<string, unknown>>;

const good = {
  iss: issuer,
  aud: audience,
  sub: 'alice',
  scope: 'openid read run',
  exp: toSeconds(300),
};

async function sign(
  claims: Claims,
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string; crit?: string[] } = { alg: 'ES256', kid: 'one' },
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key, { crit: { x: true } });
}

let pair: Pair;
beforeAll(async () => {
  pair = await createPair('one');
});

describe('a token of the issuer', () => {
  test.each<[string, Claims, object]>([
    ['its scopes as text', {}, { scopes: ['read', 'run'], pipelines: null }],
    ['as a list', { scope: ['cancel', 'x'] }, { scopes: ['cancel'], pipelines: null }],
    ['as scp', { scope: undefined, scp: 'admin' }, { scopes: ['admin'], pipelines: null }],
    ['no scopes', { scope: undefined }, { scopes: [], pipelines: null }],
    ['scopes that are no text', { scope: { read: true } }, { scopes: [], pipelines: null }],
    ['pipelines', { pipelines: ['a'] }, { scopes: ['read', 'run'], pipelines: ['a'] }],
    ['pipelines that are none', { pipelines: 'a' }, { scopes: ['read', 'run'], pipelines: [] }],
    ['one audience of many', { aud: ['other', audience] }, { scopes: ['read', 'run'] }],
  ])('brings %s', async (_, claims, principal) => {
    const read = createIssuedTokens({ issuer, audience, jwks: pair.jwks });
    const token = await sign({ ...good, ...claims }, pair.privateKey);
    expect(await read(token)).toMatchObject({ id: 'jwt:alice', ...principal });
  });

  test.each<[string, Claims]>([
    ['of another issuer', { iss: 'https://login.example.org' }],
    ['for another audience', { aud: 'other' }],
    ['for no audience', { aud: undefined }],
    ['of nobody', { sub: undefined }],
    ['of an empty name', { sub: '' }],
    ['without an end', { exp: undefined }],
    ['that has ended', { exp: toSeconds(-60) }],
    ['that has not begun', { nbf: toSeconds(60) }],
  ])('%s is not good', async (_, claims) => {
    const read = createIssuedTokens({ issuer, audience, jwks: pair.jwks });
    expect(await read(await sign({ ...good, ...claims }, pair.privateKey))).toBeNull();
  });

  test('that is forged is not good', async () => {
    const read = createIssuedTokens({ issuer, audience, jwks: pair.jwks });
    const token = await sign(good, pair.privateKey);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const admin = Buffer.from(JSON.stringify({ ...good, scope: 'admin' })).toString('base64url');
    const publicText = new TextEncoder().encode(JSON.stringify(pair.jwks.keys[0]));
    const { privateKey } = await createPair('one');
    const forged = [
      `${header}.${admin}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      new UnsecuredJWT(good).encode(),
      // Signed with the public key as if it were a shared secret.
      await sign(good, publicText, { alg: 'HS256', kid: 'one' }),
      await sign(good, privateKey),
      await sign(good, pair.privateKey, { alg: 'ES256', kid: 'two' }),
      '..',
      'x',
      '',
      'eyJ.eyJ.x',
    ];
    for (const each of forged) expect([each, await read(each)]).toEqual([each, null]);
    expect(await read(token)).not.toBeNull();
  });
});

/** Serves what it is given, and counts how often it was asked. */
async function serveKeys(answer: () => object | null) {
  let asked = 0;
  const server: Server = createServer((_, response) => {
    asked += 1;
    const body = answer();
    response.writeHead(body === null ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks`,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('the keys of the issuer', () => {
  test('are asked for once', async () => {
    await using keys = await serveKeys(() => pair.jwks);
    const read = createIssuedTokens({ issuer, audience, jwks: keys.url });
    expect(keys.asked()).toBe(0);
    const token = await sign(good, pair.privateKey);
    const found = await Promise.all(Array.from({ length: 20 }, async () => read(token)));
    expect(found.every((principal) => principal?.id === 'jwt:alice')).toBe(true);
    const unknown = await sign(good, pair.privateKey, { alg: 'ES256', kid: 'nobody' });
    for (let at = 0; at < 20; at += 1) expect(await read(unknown)).toBeNull();
    expect(keys.asked()).toBe(1);
  });

  test('that cannot be had are no fault of the token, and are asked for again', async () => {
    let jwks: object | null = null;
    await using keys = await serveKeys(() => jwks);
    const read = createIssuedTokens({ issuer, audience, jwks: keys.url });
    const token = await sign(good, pair.privateKey);
    await expect(read(token)).rejects.toThrow(IssuerUnreachable);
    jwks = { no: 'keys' };
    await expect(read(token)).rejects.toThrow(`The keys of the issuer '${issuer}' cannot be had`);
    jwks = pair.jwks;
    expect(await read(token)).not.toBeNull();
  });

  test('are asked for nowhere: a token that is none is known without them', async () => {
    const read = createIssuedTokens({ issuer, audience, jwks: 'http://127.0.0.1:1/jwks' });
    expect(await read('x')).toBeNull();
    await expect(read(await sign(good, pair.privateKey))).rejects.toThrow(IssuerUnreachable);
  });
});
