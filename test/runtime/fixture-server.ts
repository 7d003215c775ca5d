import { createHttpServer, serve } from './adapter.ts';
import { createFixture, createLockedServer } from './fixture.ts';

const { executor, release } = createFixture();
const runs = { started: 0, ended: 0 };
const app = createHttpServer({
  executor,
  onRunEvent: (_runId, _order, { type }) => {
    if (type === 'run.started') runs.started += 1;
    if (type === 'run.ended') runs.ended += 1;
  },
});
const locked = createLockedServer();
app.route('/locked', locked);
const server = await serve(app, { port: 0 });
process.once('SIGTERM', () => {
  const closed = server.close();
  release();
  void Promise.all([closed, locked.close()]).then(() =>
    process.stdout.write(`${JSON.stringify(runs)}\n`),
  );
});
process.stdout.write(`${server.url}\n`);
