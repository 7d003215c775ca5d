import { expect, test } from 'vitest';

import { createPostCallback } from '../../src/nodejs/post-callback.ts';
import { startCallbackReceiver } from '../run/callback-receiver.ts';
import { describeCallbacks } from '../run/callbacks-suite.ts';

describeCallbacks('connections of their own', createPostCallback({ allowPrivate: true }));

function requestTo(url: string) {
  return { url, headers: {}, body: 'é', signal: new AbortController().signal };
}

test('a name goes where it has been looked up, once', async () => {
  const receiver = await startCallbackReceiver((response) => response.writeHead(201).end());
  const url = receiver.url.replace('127.0.0.1', 'a.example');
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return [{ address: '127.0.0.1', family: 4 }];
  };
  const post = createPostCallback({ allowPrivate: true, resolve });
  expect(await post(requestTo(url))).toBe(201);
  expect(asked).toEqual(['a.example']);
  expect(receiver.received).toMatchObject([
    { path: '/hook', body: 'é', headers: { host: new URL(url).host } },
  ]);
});

test.each([
  [['127.0.0.1'], "The name 'a.example' leads to 127.0.0.1, which is not on the public internet"],
  [['8.8.8.8', '::1'], "The name 'a.example' leads to ::1, which"],
  [['::ffff:127.0.0.1'], "The name 'a.example' leads to ::ffff:127.0.0.1, which"],
  [[], "The name 'a.example' has no address."],
])('a name that leads to %j is not connected to', async (addresses, message) => {
  const receiver = await startCallbackReceiver((response) => response.end());
  const post = createPostCallback({
    resolve: async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  const url = receiver.url.replace('127.0.0.1', 'a.example');
  await expect(post(requestTo(url))).rejects.toThrow(message);
  expect(receiver.open).toBe(0);
  expect(receiver.received).toEqual([]);
});

test('a name of this machine is refused by the resolver of the system', async () => {
  const receiver = await startCallbackReceiver((response) => response.end());
  const url = receiver.url.replace('127.0.0.1', 'localhost');
  await expect(createPostCallback()(requestTo(url))).rejects.toThrow(/leads to (?:127\.|::1)/u);
  expect(receiver.received).toEqual([]);
});

test('a name that cannot be resolved is told', async () => {
  const resolve = () => Promise.reject(new Error('no such name'));
  const post = createPostCallback({ resolve });
  await expect(post(requestTo('https://a.example/'))).rejects.toThrow('no such name');
});
