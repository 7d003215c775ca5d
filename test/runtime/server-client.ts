import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';

const json = { 'content-type': 'application/json' };

/** A run, as far as the suites look. */
export interface ShownRun {
  readonly id: string;
  readonly status: string;
  readonly outputs: readonly { readonly name: string; readonly data?: unknown }[];
}

export function post(url: string, body: object | string, headers = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: text });
}

/** Submits a run of `pipeline` and gives its id. */
export async function submit(server: string, pipeline: string): Promise<string> {
  const response = await post(`${server}/runs`, { pipeline_names: [pipeline] });
  expect(response.status).toBe(202);
  return ((await response.json()) as ShownRun).id;
}

export async function show(server: string, id: string, query = ''): Promise<ShownRun> {
  return (await (await fetch(`${server}/runs/${id}${query}`)).json()) as ShownRun;
}

/** Submits a run and waits for its end. */
export async function runToEnd(server: string, body: object): Promise<ShownRun> {
  const response = await post(`${server}/runs`, body, { prefer: 'wait=60' });
  expect(response.status).toBe(200);
  return (await response.json()) as ShownRun;
}

/** A stream of text that is being read. */
export interface TextStream {
  /** Reads on until the text has `wanted`, and gives all of it up to there. */
  until(wanted: string): Promise<string>;
  /** Reads to the end, and gives all of it. */
  rest(): Promise<string>;
}

export function readStream({ body }: Response): TextStream {
  if (body === null) throw new Error('There is no body.');
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async until(wanted) {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`The stream ended before ${wanted}: ${text}`);
        text += value;
      }
      return text.slice(0, text.lastIndexOf('\n\n') + 2);
    },
    async rest() {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return text;
        text += value;
      }
    },
  };
}

/** The ids of server-sent events, in order. */
export function idsOf(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

/** Opens a connection and sends the start of a request on it. */
export async function sendRaw(server: string, start: string): Promise<Socket> {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  socket.write(start);
  return socket;
}

/** The first line of the answer to a `POST` of JSON whose headers end, and whose body begins, with `rest`. */
export async function firstLineOf(server: string, path: string, rest: string): Promise<string> {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
  const socket = await sendRaw(server, `${head}${rest}`);
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString('latin1').split('\r\n', 1)[0] ?? '';
  } finally {
    socket.destroy();
  }
}

/**
 * Sends a piece again and again until the other side ends the connection, and gives what it has
 * said. One that `closes` not does not end it: then until it has said an object of JSON.
 */
export async function trickle(socket: Socket, piece: string, closes: boolean): Promise<string> {
  const timer = setInterval(() => socket.write(piece), 50);
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    if (!closes && said.endsWith('}')) socket.destroy();
  });
  await once(socket, 'close');
  clearInterval(timer);
  return said;
}
