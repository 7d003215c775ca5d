import { createRemoteExecutor, type RunEvent } from '../../src/index.ts';
import { orderPipeline } from '../conformance/run-order.ts';

/** Gives two runs to the server at the given address, cancels the second, and prints what it is told. */
const [url = ''] = process.argv.slice(2);
const executor = createRemoteExecutor({ url });
const abort = new AbortController();
const orders = [
  orderPipeline('chatty', { lines: 50 }, { outputs: ['said'] }),
  orderPipeline('gated'),
];
const told: RunEvent[] = [];
for (const order of orders) {
  for await (const event of executor.execute(order, { signal: abort.signal })) {
    told.push(event);
    if (event.type === 'node.started' && event.node === 'gate') abort.abort();
  }
}
await executor.close();
process.stdout.write(JSON.stringify(told));
