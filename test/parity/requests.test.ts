import { describe, expect, inject, it } from 'vitest';

import { bodyCases } from './cases/body-cases.ts';
import { deviations } from './cases/deviations.ts';
import { routeCases } from './cases/route-cases.ts';
import { runCases } from './cases/run-cases.ts';
import { snapshotCases } from './cases/snapshot-cases.ts';
import { subjectIsKedro, useComparedPair } from './compared-pair.ts';
import { toMeaning } from './openapi-meaning.ts';

describe.skipIf(inject('pythonMissing') !== null)('Kedro’s server and ours', () => {
  const { pair, expectSame, expectDeviation } = useComparedPair({ project: { base: 'probe' } });

  it.for(routeCases)('route: $name', expectSame);

  it('the OpenAPI document means the same', async () => {
    const { theirs, ours } = await pair().fetch('/openapi.json');
    expect(toMeaning(JSON.parse(ours.body))).toMatchObject(
      toMeaning(JSON.parse(theirs.body)) as object,
    );
  });

  it('the reference page is HTML in both', async () => {
    const { theirs, ours } = await pair().fetch('/docs');
    expect(ours.status).toBe(theirs.status);
    expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
  });

  it.for(bodyCases)('body: $name', expectSame);

  it.for(snapshotCases)('snapshot: $name', expectSame);

  it.for(runCases)('run: $name', expectSame);

  const deviating = deviations.flatMap(({ when, cases = [] }) =>
    cases.map((deviatingCase) => ({ when, ...deviatingCase })),
  );
  it.skipIf(subjectIsKedro).for(deviating)('deviation: $when: $name', expectDeviation);

  it('leaves the same files in the project', async () => {
    const { theirs, ours } = await pair().listFiles();
    // Where the command line keeps runs, which Kedro's server has not.
    expect(ours.filter((path) => !path.startsWith('.kedro-server/'))).toEqual(theirs);
  });
});
