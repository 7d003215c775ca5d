import { expect, test } from 'vitest';

import { readProblem, readRetryAfter } from '../../src/client/problem-error.ts';

test('what something in between says is told, and not all of it', async () => {
  const page = `<html>Bad gateway${' '.repeat(10_000)}</html>`;
  const headers = { 'content-type': 'text/html', 'retry-after': '7' };
  const error = await readProblem(new Response(page, { status: 502, headers }));
  expect(error).toMatchObject({ code: 'http-502', status: 502, retryAfterMs: 7000, errors: [] });
  expect(error.message).toMatch(/^The server answered 502: <html>Bad gateway/);
  expect(error.message.length).toBeLessThan(600);
});

test('an answer without words has its status', async () => {
  const error = await readProblem(new Response(null, { status: 500 }));
  expect(error.message).toBe('The server answered 500.');
});

test.each([
  ['3', 3000],
  [new Date(Date.now() - 60_000).toUTCString(), 0],
  ['soon', null],
  [null, null],
])('Retry-After %j is %j ms', (text, expected) => {
  expect(readRetryAfter(new Headers(text === null ? {} : { 'retry-after': text }))).toBe(expected);
});

test('Retry-After may be a date', () => {
  const headers = new Headers({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
  expect(readRetryAfter(headers)).toBeGreaterThan(50_000);
});
