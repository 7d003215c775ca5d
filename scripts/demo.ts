import { demonstrate } from './demonstrate.ts';

await demonstrate({ script: 'demo', project: 'examples/flights' });
