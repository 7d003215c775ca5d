import { describe, expect, test } from 'vitest';
import { createPageCheck } from '../../src/door/page-check.ts';
import { ServerSettingsError } from '../../src/errors.ts';

const app = 'http://app.example.org:3000';
const evil = 'http://localhost:9999';

type Sent = Readonly<Record<string, string>>;

function passes(method: string, sent: Sent, allowed: readonly string[] = [app]): boolean {
  const headers = new Headers({ host: '127.0.0.1:8000', ...sent });
  return createPageCheck(allowed)({ method, headers });
}

describe('a request passes', () => {
  test.each<[string, string, Sent]>([
    ['of no browser', 'POST', {}],
    ['of a page of this server', 'POST', { 'sec-fetch-site': 'same-origin' }],
    [
      'of a page of this server behind a proxy with another name',
      'POST',
      { 'sec-fetch-site': 'same-origin', origin: 'https://kedro.example.org' },
    ],
    ['that a user typed', 'GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['of a page that is let in', 'POST', { 'sec-fetch-site': 'cross-site', origin: app }],
    ['of a page that is let in, older browser', 'POST', { origin: app }],
    ['of this server, older browser', 'POST', { origin: 'http://127.0.0.1:8000' }],
    ['of this server behind TLS, older browser', 'POST', { origin: 'https://127.0.0.1:8000' }],
    [
      'of a link that was followed',
      'GET',
      {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ],
  ])('%s', (_, method, sent) => {
    expect(passes(method, sent)).toBe(true);
  });
});

describe('a request is refused', () => {
  test.each<[string, string, Sent]>([
    ['of a page elsewhere', 'POST', { 'sec-fetch-site': 'cross-site', origin: evil }],
    ['of a page on another port', 'POST', { 'sec-fetch-site': 'same-site', origin: evil }],
    ['of a page on another port, older browser', 'POST', { origin: evil }],
    ['of a page without an origin', 'POST', { origin: 'null' }],
    [
      'of a page without an origin that says more',
      'GET',
      { origin: 'null', 'sec-fetch-site': 'x' },
    ],
    ['of an image', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    [
      'of a frame',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    [
      'of a form',
      'POST',
      {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        origin: evil,
      },
    ],
    ['of an origin that begins like one that is let in', 'POST', { origin: `${app}.evil.example` }],
    ['of two origins', 'POST', { origin: `${app}, ${evil}` }],
    ['that says something unknown', 'POST', { 'sec-fetch-site': 'elsewhere' }],
  ])('%s', (_, method, sent) => {
    expect(passes(method, sent)).toBe(false);
  });

  test('of every page where none is let in', () => {
    expect(passes('POST', { 'sec-fetch-site': 'cross-site', origin: app }, [])).toBe(false);
  });
});

test.each([
  '',
  '*',
  'null',
  'app.example.org',
  'http://a.example/',
  'http://a.example/x',
  'data:x',
])('%j is no origin', (origin) => {
  expect(() => createPageCheck([origin])).toThrow(ServerSettingsError);
  expect(() => createPageCheck([origin])).toThrow(`'${origin}' is no origin of a page`);
});
