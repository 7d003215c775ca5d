import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createLineRedactor, createRedactor } from '../../src/redact/redactor.ts';
import { isSecretName } from '../../src/redact/secret-name.ts';
import {
  secretsOfCredentials,
  secretsOfEnvironment,
  secretsOfParamsJson,
} from '../../src/redact/secret-values.ts';
import { type KedroOracle, startKedroOracle } from '../kedro-oracle.ts';
import { lineCases, valueCases } from './redaction-cases.ts';

interface Question {
  readonly credentials: unknown;
  /** Runtime parameters of a run. */
  readonly params: unknown;
  readonly environment: Readonly<Record<string, string>>;
  /** Lines of a log, one after the other. */
  readonly texts: readonly string[];
}

function answer({ credentials, params, environment, texts }: Question) {
  const values = new Set([
    ...secretsOfCredentials(credentials),
    ...secretsOfEnvironment(environment),
    ...secretsOfParamsJson(JSON.stringify(params)),
  ]);
  const redactor = createRedactor(values);
  const redactLine = createLineRedactor(redactor);
  return {
    values: [...values].toSorted(),
    lines: texts.map((text) => redactLine(text)),
    // What of URLs is hidden in messages is Kedro's to say; test/redact/redact-url-credentials.test.ts
    messages: texts.map((text) => (/[?#@]|:\/\//u.test(text) ? '' : redactor.message(text))),
    names: Object.keys(environment).map((name) => isSecretName(name)),
  };
}

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_125);

describe.each(lineCases)('%s', (text, expected) => {
  test('as a line', () => {
    expect(createRedactor().line(text)).toBe(expected);
    expect(createRedactor().line(expected)).toBe(expected);
  });
});

test.each(valueCases)('$name', ({ credentials = {}, params = {}, environment = {}, texts }) => {
  const { lines } = answer({ credentials, params, environment, texts: Object.keys(texts) });
  expect(lines).toEqual(Object.values(texts));
});

test('a key that goes over several lines', () => {
  const redactLine = createLineRedactor(createRedactor());
  const lines = [
    'the key:',
    '-----BEGIN RSA PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    '',
    'MIIEpAIBAAKCAQEA04up8hoqzS1',
    '-----END RSA PRIVATE KEY-----',
    'that was it',
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQ',
    'Loading data from a (CSVDataset)...',
    'MIIEvQIBADANBgkqhkiG9w0BAQ',
  ];
  expect(lines.map((line) => redactLine(line))).toEqual([
    'the key:',
    '-----BEGIN RSA PRIVATE KEY-----<redacted>',
    '<redacted>',
    '<redacted>',
    '<redacted>',
    '<redacted>',
    'that was it',
    '-----BEGIN PRIVATE KEY-----<redacted>',
    '<redacted>',
    'Loading data from a (CSVDataset)...',
    'MIIEvQIBADANBgkqhkiG9w0BAQ',
  ]);
});

test('a secret at the place where long text is cut', () => {
  const { line, message } = createRedactor(['correct-horse-battery']);
  for (const before of [65_520, 65_530, 69_625]) {
    const text = `${'a '.repeat(before / 2)}correct-horse-battery${' b'.repeat(9000)}`;
    for (const redact of [line, message]) {
      expect(redact(text)).not.toMatch(/cor|tery/u);
      expect(redact(text)).toMatch(/… \(\d+ more characters were cut\)$/u);
    }
  }
});

const word = fc.constantFrom(
  ...['password', 'token', 'api_key', 'secret', 'Authorization', 'Bearer', 'pwd2', 'PASSWORD_X'],
  ...['=', ':', ': ', '": "', "': '", '=>', ' ', '"', "'", '\\', '\\"', '[', ']', '{', '}', ','],
  ...[
    'hunter2hunter2',
    'null',
    'abc',
    'x1',
    '<redacted>',
    '&',
    ';',
    '\n',
    '\t',
    'é',
    '…',
    '(',
    ')',
  ],
  ...[
    'https://',
    'user:pa55word@',
    'host/',
    '?sig=',
    '#part',
    '@',
    '.',
    '-----BEGIN PRIVATE KEY-----',
  ],
  ...[
    '-----END PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1',
    'AKIAABCDEFGHIJKLMNOP',
    'kds_0123456789abcdef',
  ],
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(word, { maxLength: 12 }).map((words) => words.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 60 }) },
);
const secret = fc
  .string({ unit: fc.constantFrom(...'aZ09 /+\\"\'%&=@:é€\n-_'), maxLength: 24 })
  .map((value) => value.trim());

function formOf(value: string, form: number): string {
  const forms = [
    value,
    JSON.stringify(value),
    encodeURIComponent(value),
    Buffer.from(`x${value}y`).toString('base64'),
    `https://me:${encodeURIComponent(value)}@host/`,
  ];
  return forms[form % forms.length] ?? value;
}

describe.skipIf(inject('pythonMissing'))('beside Python', () => {
  let oracle: KedroOracle<ReturnType<typeof answer>, Question>;
  beforeAll(async () => {
    oracle = await startKedroOracle(import.meta.url);
  });
  afterAll(async () => {
    await oracle.close();
  });

  test('the table of cases', async () => {
    const question = {
      credentials: {},
      params: {},
      environment: {},
      texts: lineCases.map(([line]) => line),
    };
    expect(await oracle.ask(question)).toEqual(answer(question));
    for (const { credentials = {}, params = {}, environment = {}, texts } of valueCases) {
      const asked = { credentials, params, environment, texts: Object.keys(texts) };
      expect(await oracle.ask(asked)).toEqual(answer(asked));
    }
  });

  test('any texts and secrets', async () => {
    const secrets = fc.array(secret, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(secrets, fc.array(text), fc.nat(), async (values, texts, form) => {
        const [login = '', key = '', ...others] = values;
        const question = {
          credentials: { db: { login, others }, enabled: true, port: 5432 },
          params: { page: login, nested: [{ api_token: [key] }, { max_tokens: 1000 }] },
          environment: { SOME_API_KEY: key, PLACE: `https://u:${encodeURIComponent(key)}@h` },
          texts: [...texts, ...values.map((value, index) => `«${formOf(value, form + index)}»`)],
        };
        const ours = answer(question);
        expect(await oracle.ask(question)).toEqual(ours);
        for (const value of ours.values) {
          for (const shown of ours.lines.slice(texts.length)) expect(shown).not.toContain(value);
        }
      }),
      { seed, numRuns: 1500 },
    );
  });
});
