import { createHttpServer, serve } from './adapter.ts';
import { createFixture } from './fixture.ts';

const { executor, release } = createFixture();
const runs = { started: 0, ended: 0 };
const app = createHttpServer({
  executor,
  onRunEvent: (_runId, _order, { type }) => {
    if (type === 'run.started') runs.started += 1;
    if (type === 'run.ended') runs.ended += 1;
  },
});
const server = await serve(app, { port: 0 });
process.once('SIGTERM', () => {
  const closed = server.close();
  release();
  void closed.then(() => process.stdout.write(`${JSON.stringify(runs)}\n`));
});
process.stdout.write(`${server.url}\n`);
