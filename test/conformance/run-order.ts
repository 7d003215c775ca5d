import type { RunOrder } from '../../src/executor/run-order.ts';

/** What an order has that asks for nothing but the default pipeline. */
export const plainOrder = {
  pipelineNames: null,
  fromInputs: null,
  toOutputs: null,
  fromNodes: null,
  toNodes: null,
  nodeNames: null,
  tags: null,
  namespaces: null,
  loadVersions: null,
  runner: null,
  isAsync: false,
  onlyMissingOutputs: false,
  paramsJson: null,
} satisfies Partial<RunOrder>;

let orders = 0;

/** Creates an order that asks for nothing but `wanted`, with a run id of its own. */
export function createRunOrder(wanted: Partial<RunOrder> = {}): RunOrder {
  orders += 1;
  return {
    runId: new Date(Date.UTC(2026, 0, 1) + orders).toISOString().replaceAll(':', '.'),
    ...plainOrder,
    ...wanted,
  };
}

/** Creates an order of one pipeline, with runtime parameters. */
export function orderPipeline(name: string, params?: object, wanted?: Partial<RunOrder>): RunOrder {
  return createRunOrder({
    pipelineNames: [name],
    paramsJson: params === undefined ? null : JSON.stringify(params),
    ...wanted,
  });
}
