import { describeHttp } from './http-suite.ts';
import { runtimes } from './runtimes.ts';
import { describeStop } from './stop-suite.ts';

for (const runtime of runtimes) {
  describeHttp(runtime);
  if (runtime.stops) describeStop(runtime);
}
