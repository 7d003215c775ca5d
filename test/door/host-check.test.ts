import { describe, expect, test } from 'vitest';
import { createHostCheck, isLoopbackAddress, loopbackHosts } from '../../src/door/host-check.ts';
import { ServerSettingsError } from '../../src/errors.ts';

describe('a server on loopback', () => {
  const check = createHostCheck(loopbackHosts);

  test.each([
    'localhost',
    'localhost:8000',
    'LocalHost:8000',
    'localhost.',
    'localhost.:8000',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:8000',
    '[0:0:0:0:0:0:0:1]:8000',
  ])('is %s', (host) => {
    expect(check(host)).toBe(true);
    expect(check(host)).toBe(true);
  });

  test.each([
    null,
    '',
    '.',
    'example.org',
    'example.org:8000',
    'localhost.example.org',
    'notlocalhost',
    'localhost..',
    '.localhost',
    'user@localhost',
    'localhost@example.org',
    'localhost:8000@example.org',
    'user:secret@localhost:8000',
    'localhost:',
    'localhost:http',
    'localhost:65536',
    'localhost:-1',
    'localhost:80:80',
    'localhost/',
    'localhost, example.org',
    'localhost example.org',
    ' localhost',
    'localhost\t',
    'localhost\n',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0.0.0.0',
    '::1',
    '[::2]',
    '[::1',
    '[::1]8000',
    '[::1%25lo]',
    '[localhost]',
    'lоcalhost',
    'a'.repeat(100_000),
  ])('is not %j', (host) => {
    expect(check(host)).toBe(false);
  });
});

test('a name with a port is meant at that port, or where none was written', () => {
  const check = createHostCheck(['kedro.example.org:8443', '[2001:db8::1]:8443', 'other']);
  const hosts = [
    'kedro.example.org:8443',
    'kedro.example.org.:8443',
    'kedro.example.org',
    '[2001:db8:0::1]:8443',
    'other:1',
  ];
  expect(hosts.filter((host) => !check(host))).toEqual([]);
  expect(check('kedro.example.org:8444')).toBe(false);
  expect(check('[2001:db8::1]:8444')).toBe(false);
});

test.each(['', 'https://example.org', 'a b', 'user@example.org', 'example.org:http', '*'])(
  '%j is no allowed host',
  (host) => {
    expect(() => createHostCheck([host])).toThrow(ServerSettingsError);
    expect(() => createHostCheck([host])).toThrow(`'${host}' is no allowed host: write a name`);
  },
);

test('which addresses only this machine reaches', () => {
  const local = ['localhost', '127.0.0.1', '127.8.0.1', '::1'];
  expect(local.filter((address) => !isLoopbackAddress(address))).toEqual([]);
  const others = ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', '::ffff:10.0.0.1', ''];
  expect(others.filter((address) => isLoopbackAddress(address))).toEqual([]);
});
