import { createHttpServer, serve } from './adapter.ts';

const app = createHttpServer({ workers: 2 });
const server = await serve(app, { port: 0, stopOnSignals: true });
process.stdout.write(`${server.url}\n`);
