import { afterEach, expect, test, vi } from 'vitest';

import { parseRunsOptions, toRunsHelp } from '../../src/cli/runs-options.ts';

afterEach(() => vi.unstubAllEnvs());

const target = { url: 'http://127.0.0.1:8000', token: undefined, json: false };

test.each([
  [
    ['list', '--status', 'failed,lost', '--label', 'team:a,tier:b:c', '--limit', '5'],
    {
      ...target,
      action: 'list',
      status: ['failed', 'lost'],
      pipeline: undefined,
      labels: { team: 'a', tier: 'b:c' },
      limit: 5,
    },
  ],
  [['show', '--json', 'x'], { ...target, action: 'show', id: 'x', json: true }],
  [
    ['watch', 'x', '--cancel-on-interrupt', '--url', 'https://a.test/kedro'],
    { ...target, url: 'https://a.test/kedro', action: 'watch', id: 'x', cancelOnInterrupt: true },
  ],
  [['logs', '-f', 'x'], { ...target, action: 'logs', id: 'x', follow: true }],
  [['retry', 'x'], { ...target, action: 'retry', id: 'x', from: 'start' }],
  [['cancel', 'x', '-h'], { action: 'help', about: 'cancel' }],
  [[], { action: 'help', about: null }],
])('%j', (args, options) => {
  expect(parseRunsOptions(args)).toEqual(options);
});

test('the environment names the server where the line does not', () => {
  vi.stubEnv('KEDRO_SERVER_URL', 'http://a.test');
  vi.stubEnv('KEDRO_SERVER_TOKEN', 'secret');
  expect(parseRunsOptions(['list'])).toMatchObject({ url: 'http://a.test', token: 'secret' });
  expect(parseRunsOptions(['list', '--url', 'http://b.test', '--token', 'other'])).toMatchObject({
    url: 'http://b.test',
    token: 'other',
  });
});

test.each([
  [['show'], "Which run? kedro-server runs show <id>; 'kedro-server runs list'"],
  [['show', 'x', 'y'], "Unexpected argument 'y'"],
  [['list', 'x'], "'kedro-server runs show x' shows one run"],
  [['shwo', 'x'], "Unknown action 'shwo'. Did you mean 'show'?"],
  [['list', '--status', 'done'], "'done' is not one of queued, running"],
  [['list', '--label', 'team'], "'team' is no key:value"],
  [['list', '--limit', '0'], "'0' is no whole number of 1 to 10000"],
  [['list', '--url', 'localhost'], "'--url': 'localhost' is no address of a server"],
  [['show', 'x', '--follow'], "Unknown option '--follow'"],
])('%j is refused with what to do', (args, message) => {
  expect(() => parseRunsOptions(args)).toThrow(message);
});

test('each action has its help', () => {
  expect(toRunsHelp(null)).toMatch(/list .*\n.*show .*\n.*watch /);
  expect(toRunsHelp('watch')).toMatch(/^Usage: kedro-server runs watch <id>[^]*--cancel-on-int/);
});
