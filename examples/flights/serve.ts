import { createHttpServer, serve } from 'kedro-server';

const app = createHttpServer({ projectPath: import.meta.dirname });
const server = await serve(app, {
  port: Number(process.env['PORT'] ?? 8000),
  stopOnSignals: true,
});
console.log(`Serving on ${server.url}`);
await server.closed;
