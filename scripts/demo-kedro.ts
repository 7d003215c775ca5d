import { demonstrate } from './demonstrate.ts';
import { kedroPython } from './python-env.ts';

await demonstrate({
  script: 'demo:kedro',
  project: 'examples/flights-kedro',
  preparePython: () => kedroPython('newest'),
});
