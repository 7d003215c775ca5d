import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

import {
  createHttpServer,
  createNativeExecutor,
  defineProject,
  logOf,
  node,
  type NodeContext,
  pipeline,
  serve,
} from '../../src/adapters/node.ts';
import type { HttpServerOptions } from '../../src/http/create-http-server.ts';

export interface ChattyServer {
  readonly url: string;
  /** Lets the runs of `gated` go on. */
  openGate(): void;
}

type Options = Partial<HttpServerOptions> & { readonly concurrency?: number };

/**
 * Serves a project on a free port. Its pipelines: the default one doubles numbers, `chatty` prints
 * many lines, `gated` waits at a gate, `failing` fails in its second node.
 */
export async function serveChatty({
  concurrency = 4,
  ...options
}: Options = {}): Promise<ChattyServer> {
  const gate = Promise.withResolvers<void>();
  const passContext = true;
  async function chat(lines: number, context: NodeContext): Promise<number> {
    for (let line = 1; line <= lines; line += 1) {
      logOf(context).print(`line ${line}${line % 7 === 0 ? '\nand its second half: äöü ✓' : ''}`);
      if (line % 5 === 0) await setImmediate();
    }
    return lines;
  }
  async function waitAtGate(lines: number, { signal }: NodeContext): Promise<number> {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
    await Promise.race([gate.promise, stopped]);
    return lines;
  }
  const project = defineProject({
    projectName: 'Chatty',
    packageName: 'chatty',
    pipelines: {
      __default__: pipeline([
        node((numbers: number[]) => numbers.map((each) => each * 2), 'numbers', 'doubled', {
          name: 'double',
        }),
      ]),
      chatty: pipeline([node(chat, 'params:lines', 'said', { name: 'chat', passContext })]),
      gated: pipeline([node(waitAtGate, 'params:lines', 'passed', { name: 'gate', passContext })]),
      failing: pipeline([
        node((lines: number) => lines, 'params:lines', 'kept', { name: 'first' }),
        node(
          (lines: number) => {
            throw new RangeError(lines === 0 ? 'none' : 'too many');
          },
          'kept',
          'never',
          { name: 'second' },
        ),
      ]),
    },
    config: {
      'base/parameters.yml': 'lines: 3\n',
      'base/catalog.yml': 'numbers: { type: json.JSONDataset, filepath: data/numbers.json }\n',
    },
  });
  const app = createHttpServer({
    executor: createNativeExecutor({ project, concurrency }),
    ...options,
  });
  const server = await serve(app, { port: 0 });
  const openGate = (): void => gate.resolve();
  onTestFinished(async () => {
    openGate();
    await server.close();
  });
  return { url: server.url, openGate };
}
