import { expect, test } from 'vitest';
import { text } from 'node:stream/consumers';
import { patientFetch } from '../../src/nodejs/patient-fetch.ts';
import { startStub } from '../executor/stub-server.ts';

test('sends text and gives the answer, a redirect too', async () => {
  const { url } = await startStub(async (request, response) => {
    const { method, headers } = request;
    const sent = await text(request);
    response.writeHead(request.url === '/moved' ? 307 : 201, { location: '/elsewhere' });
    response.end(
      JSON.stringify({ method, sent, key: headers['x-key'], type: headers['content-type'] }),
    );
  });
  const headers = new Headers({ 'x-key': 'one', 'content-type': 'application/json' });
  const init = { method: 'POST', headers, body: '{"é": 1}' };
  const answer = await patientFetch(`${url}/run`, init);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({
    method: 'POST',
    sent: '{"é": 1}',
    key: 'one',
    type: 'application/json',
  });
  expect((await patientFetch(`${url}/moved`, init)).status).toBe(307);
});

test('rejects when nobody is there, the answer is cut off, or it is aborted', async () => {
  const init = { method: 'POST', body: '{}' };
  await expect(patientFetch('http://127.0.0.1:1/run', init)).rejects.toThrow('ECONNREFUSED');
  const cutting = await startStub((_, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half', () => response.destroy());
  });
  await expect(patientFetch(`${cutting.url}/run`, init)).rejects.toThrow();
  const abort = new AbortController();
  const silent = await startStub(() => abort.abort(new Error('enough')));
  await expect(
    patientFetch(`${silent.url}/run`, { ...init, signal: abort.signal }),
  ).rejects.toThrow();
});
