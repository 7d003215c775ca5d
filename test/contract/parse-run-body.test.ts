import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { parsePythonJson } from '../../src/contract/parse-python-json.ts';
import { parseRunBody } from '../../src/contract/parse-run-body.ts';
import type { RunOrderFields } from '../../src/contract/parse-run-request.ts';
import { MAX_PROBLEMS } from '../../src/contract/request-fields.ts';
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
  const tags = Array.from({ length: MAX_PROBLEMS + 5 }, (_, index) => index);
  const body = Buffer.from(JSON.stringify({ tags, x: 1 }));
  let problems: readonly RequestProblem[] = [];
  try {
    parseRunBody(body, 'application/json');
  } catch (error) {
    if (error instanceof RequestInvalid) ({ problems } = error);
  }
  expect(problems.map(({ loc }) => loc[2])).toEqual(tags.slice(0, MAX_PROBLEMS));
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
