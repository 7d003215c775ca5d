import { createServer } from 'node:http';

const body = JSON.stringify({ status: 'healthy', kedro_version: '1.7.0' });

createServer((request, response) => {
  response.writeHead(request.url === '/health' ? 200 : 404, {
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
