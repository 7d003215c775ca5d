import { createHttpServer, serve } from '../test/runtime/adapter.ts';
import { createFixture } from '../test/runtime/fixture.ts';

const app = createHttpServer({ executor: createFixture().executor });
await serve(app, { port: Number(process.argv[2]), stopOnSignals: true });
