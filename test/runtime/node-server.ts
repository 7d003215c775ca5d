import { createHttpServer, serve } from '../../src/adapters/node.ts';
import { createMemoryExecutor } from './memory-executor.ts';

const app = createHttpServer({
  executor: createMemoryExecutor(),
  onRunEvent: (_runId, _order, event) => {
    if (event.type === 'run.started') process.stdout.write('run started\n');
  },
});
const server = await serve(app, { port: 0 });
process.once('SIGTERM', () => void server.close());
process.stdout.write(`${server.url}\n`);
