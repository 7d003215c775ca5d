import { expect, test } from 'vitest';

import { redactUrlCredentials } from '../../src/redact/redact-url-credentials.ts';

// Expected texts are those of kedro.io.core._redact_url_credentials 1.7.0.
test.each([
  ['data/a.json', 'data/a.json'],
  ['s3://bucket/a.json', 's3://bucket/a.json'],
  ['https://user:pw@host/a?b=c#d', 'https://<redacted>@host/a?<redacted>#<redacted>'],
  [
    'no answer from https://r:h@e.com/d?x=1, twice',
    'no answer from https://<redacted>@e.com/d?<redacted> twice',
  ],
  ["('https://a@b@c/d')", "('https://<redacted>@c/d')"],
  ['https://host/a?', 'https://host/a?'],
  ['https://host/a?#x', 'https://host/a#<redacted>'],
  ['https://host/a#b?c', 'https://host/a#<redacted>'],
  ['https://host/@a', 'https://host/@a'],
  ['host/a?token=b', 'host/a?<redacted>'],
  ['user:pw@host/a', '<redacted>@host/a'],
  ['report@2024.csv', 'report@2024.csv'],
  ['what?', 'what?'],
  ['is it a? yes', 'is it a? yes'],
  ['1://a@b', '1://a@b'],
  ['1x://a@b', '1x://<redacted>@b'],
  ['a://b://c@d', 'a://b://c@d'],
  ['://a@b https://c@d', '://a@b https://<redacted>@d'],
])('%s', (text, expected) => {
  expect(redactUrlCredentials(text)).toBe(expected);
});

test('takes time that is linear in the text', () => {
  for (const text of ['a'.repeat(1e6), 'a://'.repeat(2e5), `${'a'.repeat(1e6)}://`]) {
    const startedAt = performance.now();
    redactUrlCredentials(text);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  }
});
