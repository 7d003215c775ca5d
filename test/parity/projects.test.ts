import { describe, inject, it } from 'vitest';

import { configurationCases } from './cases/configuration-cases.ts';
import { deviations } from './cases/deviations.ts';
import { flightsCase, projectCases } from './cases/project-cases.ts';
import { quickStart, subjectIsKedro, useComparedPair } from './compared-pair.ts';

describe.skipIf(inject('pythonMissing') !== null)('Kedro’s server and ours, on projects', () => {
  describe('of which the configuration changes', () => {
    const { expectSame } = useComparedPair({
      project: { base: 'plain' },
      variables: { ...quickStart, PARITY_USER: 'ada' },
    });
    it.for(configurationCases)('$name', expectSame);
  });

  describe.for(projectCases)('$name', ({ project, options, cases }) => {
    const { expectSame } = useComparedPair({
      project,
      ...options,
      variables: { ...quickStart, ...options?.variables },
    });
    it.for(cases)('$name', expectSame);
  });

  describe(flightsCase.name, () => {
    const { expectSame } = useComparedPair({ project: flightsCase.project });
    it.for(flightsCase.cases)('$name', expectSame);
  });

  const ownProjects = deviations.flatMap(({ when, projects = [] }) =>
    projects.map(({ project, cases }) => ({ when, project, cases })),
  );
  describe.skipIf(subjectIsKedro).for(ownProjects)('deviation: $when', ({ project, cases }) => {
    const { expectDeviation } = useComparedPair({ project, variables: quickStart });
    it.for(cases)('$name', expectDeviation);
  });
});
