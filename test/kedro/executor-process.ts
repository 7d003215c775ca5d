import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { createRunOrder } from '../conformance/run-order.ts';

/**
 * A server process of its own, for tests that kill it: runs one order and writes its events as JSON lines.
 * Takes the executor's options and the order as JSON.
 */
const [options = '', order = ''] = process.argv.slice(2);
const executor = createKedroExecutor(JSON.parse(options) as never);
for await (const event of executor.execute(createRunOrder(JSON.parse(order) as object))) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
await executor.close();
