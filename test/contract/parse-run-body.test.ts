import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { MAX_JSON_VALUES, parsePythonJson } from '../../src/contract/parse-python-json.ts';
import { parseRunBody } from '../../src/contract/parse-run-body.ts';
import type { RunOrderFields } from '../../src/contract/parse-run-request.ts';
import { parseRunSubmission } from '../../src/contract/parse-run-submission.ts';
import { MAX_NAME_LENGTH, MAX_NAMES, MAX_PROBLEMS } from '../../src/contract/request-fields.ts';
import {
  RequestInvalid,
  type RequestProblem,
  writeProblems,
} from '../../src/contract/request-invalid.ts';
import { UnreadableBody } from '../../src/contract/unreadable-body.ts';
import { type PydanticOracle, type SentBody, startPydanticOracle } from './pydantic-oracle.ts';
import { corpus } from './run-body-corpus.ts';
import { sentBodies } from './run-bodies.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const generatedBodies = Number(process.env['KEDRO_TEST_BODIES'] ?? 2500);

interface OwnAnswer {
  readonly status: number;
  readonly text: string;
  readonly fields: RunOrderFields | null;
}

function answer({ bytes, contentType }: SentBody): OwnAnswer {
  try {
    return { status: 200, text: '', fields: parseRunBody(bytes, contentType) };
  } catch (error) {
    if (error instanceof RequestInvalid) {
      return { status: 422, text: writeProblems(error.problems), fields: null };
    }
    if (!(error instanceof UnreadableBody)) throw error;
    const text = '{"detail":"There was an error parsing the body"}';
    return { status: 400, text, fields: null };
  }
}

function toSnakeCase(fields: RunOrderFields): Record<string, unknown> {
  const { paramsJson: _, ...rest } = fields;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

/** What a body is, for a failure's message. */
function show({ bytes, contentType }: SentBody): string {
  return `${contentType ?? 'no type'}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`;
}

describe.skipIf(inject('pythonMissing') !== null)('bodies of POST /run', () => {
  let oracle: PydanticOracle;
  beforeAll(async () => {
    oracle = await startPydanticOracle();
  }, 60_000);
  afterAll(async () => {
    await oracle[Symbol.asyncDispose]();
  });

  /** Compares one body's answers; returns the status of Kedro's server. */
  async function compare(body: SentBody): Promise<number> {
    const theirs = await oracle.answer(body);
    const ours = answer(body);
    if (theirs.status === 500) {
      expect([400, 422], show(body)).toContain(ours.status);
      JSON.parse(ours.text);
      return 500;
    }
    expect({ status: ours.status, text: ours.text }, show(body)).toEqual({
      status: theirs.status,
      text: theirs.text,
    });
    if (ours.fields !== null) {
      expect(toSnakeCase(ours.fields), show(body)).toEqual(theirs.fields);
      const { paramsJson } = ours.fields;
      const params = paramsJson === null ? null : await oracle.normalize(paramsJson);
      expect(params, show(body)).toBe(theirs.params);
    }
    return theirs.status;
  }

  test('a fixed corpus is answered as by FastAPI and pydantic', async () => {
    const statuses = await Promise.all(corpus.map(compare));
    expect(new Set(statuses)).toEqual(new Set([200, 400, 422, 500]));
  }, 60_000);

  test(`${generatedBodies} bodies generated from seed ${seed} are answered as by FastAPI and pydantic`, async () => {
    const bodies = fc.sample(sentBodies, { numRuns: generatedBodies, seed });
    const statuses = await Promise.all(bodies.map(compare));
    const share = (status: number) =>
      statuses.filter((other) => other === status).length / statuses.length;
    expect(share(200)).toBeGreaterThan(0.1);
    expect(share(422)).toBeGreaterThan(0.3);
    expect(share(400)).toBeGreaterThan(0.01);
    expect(share(500)).toBeLessThan(0.2);
  }, 60_000);
});

test('params are passed on as they were written', () => {
  const text =
    '{"params" : {"a": 1.0, "b":12345678901234567890123, "__proto__": NaN } , "tags":[]}';
  const { paramsJson } = parseRunBody(Buffer.from(text), 'application/json');
  expect(paramsJson).toBe('{"a": 1.0, "b":12345678901234567890123, "__proto__": NaN }');
});

test('of very many problems the first are told', () => {
  const names = Array.from({ length: MAX_PROBLEMS + 5 }, (_, index) => `x${index}`);
  const problems = problemsOf(JSON.stringify(Object.fromEntries(names.map((name) => [name, 1]))));
  expect(problems.map(({ loc }) => loc[1])).toEqual(names.slice(0, MAX_PROBLEMS));
});

function problemsOf(
  body: string,
  parse: (bytes: Uint8Array, contentType: string) => unknown = parseRunBody,
): readonly RequestProblem[] {
  try {
    parse(Buffer.from(body), 'application/json');
  } catch (error) {
    if (error instanceof RequestInvalid) return error.problems;
    throw error;
  }
  return [];
}

describe('limits', () => {
  const name = 'a'.repeat(MAX_NAME_LENGTH);
  const list = Array.from({ length: MAX_NAMES }, () => 'a');
  const members = Object.fromEntries(list.map((_, index) => [`a${index}`, '1']));

  test('are as far as names may go', () => {
    expect(problemsOf(JSON.stringify({ tags: list, load_versions: members }))).toEqual([]);
    expect(problemsOf(JSON.stringify({ tags: [name], load_versions: { [name]: name } }))).toEqual(
      [],
    );
    expect(problemsOf(JSON.stringify({ runner: name }))).toEqual([]);
  });

  test.each<[string, object, string, (string | number)[]]>([
    ['a list', { tags: [...list, 'a'] }, 'too_long', ['tags']],
    ['an object', { load_versions: { ...members, a: '1' } }, 'too_long', ['load_versions']],
    ['a name', { tags: ['b', `${name}a`] }, 'string_too_long', ['tags', 1]],
    [
      'a key',
      { load_versions: { [`${name}a`]: 'v' } },
      'string_too_long',
      ['load_versions', '[key]'],
    ],
    ['a version', { load_versions: { a: `${name}a` } }, 'string_too_long', ['load_versions', 'a']],
    ['a runner', { runner: `${name}a` }, 'string_too_long', ['runner']],
  ])('%s beyond them is refused, and not repeated', (_, body, type, loc) => {
    for (const parse of [parseRunBody, parseRunSubmission]) {
      const [problem, ...others] = problemsOf(JSON.stringify(body), parse);
      expect(others).toEqual([]);
      expect(problem).toMatchObject({ type, loc: ['body', ...loc], input: null });
    }
  });

  test.each<[string, object, (string | number)[]]>([
    ['inputs', { inputs: { ...members, a: 1 } }, ['inputs']],
    ['the name of an input', { inputs: { [`${name}a`]: 1 } }, ['inputs', '[key]']],
    ['outputs', { outputs: [...list, 'a'] }, ['outputs']],
    ['kinds of inputs', { input_kinds: { ...members, a: 'json' } }, ['input_kinds']],
    ['labels', { labels: { a: `${name}a` } }, ['labels', 'a']],
  ])('%s beyond them are refused', (_, body, loc) => {
    expect(problemsOf(JSON.stringify(body), parseRunSubmission)).toMatchObject([
      { loc: ['body', ...loc], input: null },
    ]);
  });

  test('hold values where larger bodies are let in, and params below them as they are', () => {
    const values = (count: number) => `{"params": {"a": [${Array(count).fill('0').join(',')}]}}`;
    expect(problemsOf(values(MAX_JSON_VALUES - 3))).toEqual([]);
    expect(() => problemsOf(values(MAX_JSON_VALUES - 2))).toThrow(UnreadableBody);
    expect(problemsOf(JSON.stringify({ params: { [`${name}a`]: `${name}a` } }))).toEqual([]);
  });
});

test('no prototype is reached by the names in a body', () => {
  const body = Buffer.from(
    '{"load_versions": {"__proto__": "v"}, "params": {"__proto__": {"x": 1}}}',
  );
  const { loadVersions } = parseRunBody(body, 'application/json');
  expect(Object.entries(loadVersions ?? {})).toEqual([['__proto__', 'v']]);
  expect(({} as { x?: unknown }).x).toBeUndefined();
  expect(parsePythonJson('{"__proto__": 1}').value).toEqual(
    new Map([['__proto__', { kind: 'int', text: '1' }]]),
  );
});
