import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { type KedroOracle, startKedroOracle } from '../kedro-oracle.ts';

interface Output {
  readonly kind: string;
  readonly dataType: string;
  readonly json: string;
}

interface Question {
  readonly expression: string;
  readonly limit: number;
}

describe.skipIf(inject('pythonMissing') !== null)('what a node returns', () => {
  let oracle: KedroOracle<Output | { readonly type: string; readonly message: string }, Question>;
  beforeAll(async () => {
    oracle = await startKedroOracle(import.meta.url);
  });
  afterAll(() => oracle.close());

  const ask = async (expression: string, limit = 1_000_000) => oracle.ask({ expression, limit });

  test.each([
    ["[{'a': 1}, {'a': None}]", 'table', 'list', '[{"a":1},{"a":null}]'],
    ['[1, 2.5, -1e300]', 'array', 'list', '[1,2.5,-1e+300]'],
    ['[[1], (2, 3)]', 'array', 'list', '[[1],[2,3]]'],
    ['"é\\ud800"', 'text', 'str', '"\\u00e9\\ud800"'],
    ['"é\\n"', 'text', 'str', '"é\\n"'],
    ['[]', 'json', 'list', '[]'],
    ['{}', 'json', 'dict', '{}'],
    ['2**70', 'json', 'int', '1180591620717411303424'],
    ['float("inf")', 'json', 'float', 'null'],
    ['{1: True, None: 2.0, "a": float("nan")}', 'json', 'dict', '{"1":true,"null":2.0,"a":null}'],
    ['Pair(1, "b")', 'json', '__main__.Pair', '[1,"b"]'],
    ['OrderedDict(a={1})', 'json', 'collections.OrderedDict', '{"a":[1]}'],
    ['MappingProxyType({"a": range(2)})', 'json', 'mappingproxy', '{"a":[0,1]}'],
    ['[datetime.date(2026, 1, 2), datetime.time(3)]', 'json', 'list', '["2026-01-02","03:00:00"]'],
    [
      'datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)',
      'json',
      'datetime.datetime',
      '"2026-01-02T00:00:00+00:00"',
    ],
    ['datetime.timedelta(minutes=1)', 'json', 'datetime.timedelta', '60.0'],
    [
      '[decimal.Decimal("0.10"), uuid.UUID(int=1)]',
      'json',
      'list',
      '["0.10","00000000-0000-0000-0000-000000000001"]',
    ],
    ['[Colour.RED, Level.HIGH]', 'json', 'list', '["red",3]'],
    ['Point(1, pathlib.PurePosixPath("a/b"))', 'json', '__main__.Point', '{"x":1,"where":"a/b"}'],
    [
      '[Point(1, pathlib.PurePosixPath("a"))] * 2',
      'json',
      'list',
      '[{"x":1,"where":"a"},{"x":1,"where":"a"}]',
    ],
    [
      'Model(name="a", at="2026-01-02")',
      'json',
      '__main__.Model',
      '{"name":"a","at":"2026-01-02"}',
    ],
    ['np.int64(3)', 'json', 'numpy.int64', '3'],
    ['np.array(3)', 'json', 'numpy.ndarray', '3'],
    ['np.float64("nan")', 'json', 'numpy.float64', 'null'],
    [
      'np.datetime64("2026-01-02T03:04:05.123456789")',
      'json',
      'numpy.datetime64',
      '"2026-01-02T03:04:05.123456789"',
    ],
    ['np.array([[1, 2], [3, 4]], dtype="int8")', 'array', 'numpy.ndarray', '[[1,2],[3,4]]'],
    ['np.array([1.5, np.nan, -np.inf])', 'array', 'numpy.ndarray', '[1.5,null,null]'],
    ['np.zeros((0, 3))', 'array', 'numpy.ndarray', '[]'],
    ['np.array([True, False])', 'array', 'numpy.ndarray', '[true,false]'],
    ['np.array(["a", "b"])', 'array', 'numpy.ndarray', '["a","b"]'],
    [
      'np.array(["2026-01-02", "NaT"], dtype="datetime64[D]")',
      'array',
      'numpy.ndarray',
      '["2026-01-02",null]',
    ],
    ['np.array([1, "a", None], dtype=object)', 'array', 'numpy.ndarray', '[1,"a",null]'],
    ['{"a": np.arange(2), "b": np.float32(0.5)}', 'json', 'dict', '{"a":[0,1],"b":0.5}'],
    ['pd.Series([1, 2])', 'array', 'pandas.Series', '[1,2]'],
    ['pd.Series([1.5, None])', 'array', 'pandas.Series', '[1.5,null]'],
    [
      'pd.Series([1, 2], index=["a", "b"], name="n")',
      'table',
      'pandas.Series',
      '[{"index":"a","n":1},{"index":"b","n":2}]',
    ],
    ['pd.Index([1, 2])', 'array', 'pandas.Index', '[1,2]'],
    ['pd.DataFrame()', 'table', 'pandas.DataFrame', '[]'],
    ['pd.DataFrame(index=range(2))', 'table', 'pandas.DataFrame', '[{},{}]'],
    [
      'pd.DataFrame({"i": [1, 2], "f": [0.1, None], "s": ["é", None], "t": pd.to_datetime(["2026-01-02", None])})',
      'table',
      'pandas.DataFrame',
      '[{"i":1,"f":0.1,"s":"é","t":"2026-01-02T00:00:00"},{"i":2,"f":null,"s":null,"t":null}]',
    ],
    [
      'pd.DataFrame({"i": pd.array([1, None], dtype="Int64"), "c": pd.Categorical(["a", "b"]), "b": [True, False]})',
      'table',
      'pandas.DataFrame',
      '[{"i":1,"c":"a","b":true},{"i":null,"c":"b","b":false}]',
    ],
    [
      'pd.DataFrame({"o": [pd.NA, pd.NaT]}, dtype=object)',
      'table',
      'pandas.DataFrame',
      '[{"o":null},{"o":null}]',
    ],
    [
      'pd.DataFrame({"p": pd.period_range("2026-01", periods=1, freq="M")})',
      'table',
      'pandas.DataFrame',
      '[{"p":"2026-01"}]',
    ],
    [
      'pd.DataFrame({"a": [1, 2, 3]})[1:]',
      'table',
      'pandas.DataFrame',
      '[{"index":1,"a":2},{"index":2,"a":3}]',
    ],
    [
      'pd.DataFrame({"index": [1]}, index=["r"])',
      'table',
      'pandas.DataFrame',
      '[{"index":"r","index.1":1}]',
    ],
    [
      'pd.DataFrame([[1, 2]], columns=["a", "a"])',
      'table',
      'pandas.DataFrame',
      '[{"a":1,"a.1":2}]',
    ],
    [
      'pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", 1)]), index=pd.MultiIndex.from_tuples([("x", 2)]))',
      'table',
      'pandas.DataFrame',
      '[{"level_0":"x","level_1":2,"a.1":1}]',
    ],
    ['{"train": pd.DataFrame({"a": [1]})}', 'json', 'dict', '{"train":[{"a":1}]}'],
  ])('%s is a %s', async (expression, kind, dataType, json) => {
    const output = await ask(expression);
    expect(output).toEqual({ kind, dataType, json });
  });

  test.each([
    ['b"bytes"', 'bytes'],
    ['lambda: 1', 'function'],
    ['object()', 'object'],
    ['Broken()', '__main__.Broken'],
    ['{(1, 2): 3}', 'dict'],
    ['inside()', 'list'],
    ['deep(100_000)', 'list'],
    ['1j', 'complex'],
    ['np.array([1j])', 'numpy.ndarray'],
    ['pd.DataFrame({"o": [object()]})', 'pandas.DataFrame'],
    ['{"deep": [{"a": object()}]}', 'dict'],
    ['Point', 'type'],
  ])('%s is a reference to where it is', async (expression, dataType) => {
    expect(await ask(expression)).toEqual({
      kind: 'reference',
      dataType,
      json: '{"dataset": "x", "filepath": null, "version": null}',
    });
  });

  test('is written as Python writes JSON, and measured as UTF-8', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const expression = `json.loads(${JSON.stringify(JSON.stringify(value))})`;
        const output = (await ask(expression)) as Output;
        expect(JSON.parse(output.json)).toEqual(value);
        const bytes = Buffer.byteLength(output.json);
        expect(await ask(expression, bytes)).toEqual(output);
        expect(await ask(expression, bytes - 1)).toMatchObject({ type: 'OutputTooLarge' });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['list(range(20_000))'],
    ['[{"a": i, "b": "é" * (i % 50)} for i in range(3_000)]'],
    ['[[0] * 5_000, "x" * 100_000, {str(i): [i] for i in range(9_000)}, 1]'],
    ['[np.int64(1)] * 10_000'],
    ['[float("nan"), *range(10_000)]'],
    ['np.random.default_rng(1).normal(size=(300, 7, 3))'],
    ['pd.DataFrame({"a": range(20_000), "b": ["x", None] * 10_000})'],
  ])('is whole, however many pieces it is written in: %s', async (expression) => {
    const output = (await ask(expression)) as Output;
    const direct = (await ask(
      `json.loads(json.dumps(${expression}, default=lambda v: v.to_dict("records") if isinstance(v, pd.DataFrame) else v.tolist()).replace("NaN", "null"))`,
    )) as Output;
    expect(JSON.parse(output.json)).toEqual(JSON.parse(direct.json));
    const bytes = Buffer.byteLength(output.json);
    expect(await ask(expression, bytes)).toEqual(output);
    expect(await ask(expression, bytes - 1)).toMatchObject({ type: 'OutputTooLarge' });
  });

  test('is not written much further than it may be large', async () => {
    for (const expression of ['np.zeros(10**8, dtype="int8")', '["x" * 10**6] * 10**6']) {
      const startedAt = performance.now();
      expect(await ask(expression)).toMatchObject({
        type: 'OutputTooLarge',
        message: expect.stringMatching(/'x' \(\S+, \d+ long\) takes more than 1000000 bytes/),
      });
      expect(performance.now() - startedAt).toBeLessThan(5000);
    }
  });
});
