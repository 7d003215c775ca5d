import { describe, expect, test } from 'vitest';

import { checkCallbackUrl } from '../../src/run/callback-guard.ts';
import { isAddress, isPublicAddress } from '../../src/run/public-address.ts';

describe('a URL is refused', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://0/',
    'http://0.0.0.0:8080/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://100.127.255.255/',
    'http://169.254.169.254/latest/meta-data',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://192.0.0.8/',
    'http://198.18.0.1/',
    'http://198.19.255.255/',
    'http://224.0.0.1/',
    'http://239.255.255.255/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:10.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b:1::1]/',
    'http://[2002:7f00:1::]/',
    'http://[2002:c0a8:101::1]/',
    'http://[2001::1]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://localhost/',
    'http://LOCALHOST:3000/',
    'http://localhost./',
    'http://api.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://intranet/',
  ])('%s', (url) => {
    expect(checkCallbackUrl(url, false)).toMatch(/^Its host '.+' is not on the public internet/u);
    expect(checkCallbackUrl(url, true)).toBeNull();
  });

  test.each([
    ['', 'It is no URL.'],
    ['/hook', 'It is no URL.'],
    ['http://', 'It is no URL.'],
    ['ftp://example.com/', "It begins with 'ftp:'; callbacks take https: and http:."],
    ['file:///etc/passwd', "It begins with 'file:'; callbacks take https: and http:."],
    ['javascript:alert(1)', "It begins with 'javascript:'; callbacks take https: and http:."],
    ['https://me:secret@example.com/', 'It has a user or a password in it'],
    ['https://me@example.com/', 'It has a user or a password in it'],
  ])('%s, whatever is allowed', (url, message) => {
    for (const allowPrivate of [false, true]) {
      expect(checkCallbackUrl(url, allowPrivate)).toContain(message);
    }
  });
});

test.each([
  'https://example.com/hook?a=b',
  'http://example.com:8080/',
  'https://bücher.example/',
  'https://localhost.example.com/',
  'https://8.8.8.8/',
  'http://134744072/',
  'https://126.255.255.255/',
  'https://172.32.0.1/',
  'https://100.128.0.1/',
  'https://223.255.255.255/',
  'https://[2606:4700::6810:84e5]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::8.8.8.8]/',
  'https://[2002:808:808::1]/',
])('%s is fine', (url) => {
  expect(checkCallbackUrl(url, false)).toBeNull();
});

test.each([
  ['127.0.0.1', true, false],
  ['8.8.8.8', true, true],
  ['1.2.3.256', false, false],
  ['1.2.3', false, false],
  ['example.com', false, false],
  ['', false, false],
  ['fe80::1%eth0', true, false],
  ['2606:4700::1', true, true],
  ['::ffff:1.2.3.4', true, true],
  ['::ffff:1.2.3.400', false, false],
  ['1:2:3:4:5:6:7:8:9', false, false],
  ['1::2::3', false, false],
  ['1:2:3:4:5:6:7', false, false],
  ['1:2:3:4:5:6:7::', true, false],
  ['12345::', false, false],
  ['g::', false, false],
])('%s: an address: %s, a public one: %s', (text, address, publicOne) => {
  expect(isAddress(text)).toBe(address);
  expect(isPublicAddress(text)).toBe(publicOne);
});
