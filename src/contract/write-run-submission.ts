import type { RunOrder } from '../executor/run-order.ts';
import { JsonText, writeObject } from './write-json.ts';

/** Writes an order as the body of `POST /runs`; parameters and data stay as they were written. */
export function writeRunSubmission(order: RunOrder): string {
  return writeObject({
    ...toRequest(order),
    inputs: toText(order.inputsJson),
    input_kinds: order.inputKinds ?? undefined,
    outputs: order.outputs ?? undefined,
  });
}

/** Writes an order as the body of `POST /run`, which has no place for data. */
export function writeRunRequest(order: RunOrder): string {
  return writeObject(toRequest(order));
}

function toRequest(order: RunOrder) {
  return {
    from_inputs: order.fromInputs ?? undefined,
    to_outputs: order.toOutputs ?? undefined,
    from_nodes: order.fromNodes ?? undefined,
    to_nodes: order.toNodes ?? undefined,
    node_names: order.nodeNames ?? undefined,
    runner: order.runner ?? undefined,
    is_async: order.isAsync,
    tags: order.tags ?? undefined,
    load_versions: order.loadVersions ?? undefined,
    pipeline_names: order.pipelineNames ?? undefined,
    namespaces: order.namespaces ?? undefined,
    params: toText(order.paramsJson),
    only_missing_outputs: order.onlyMissingOutputs,
  };
}

function toText(json: string | null | undefined): JsonText | undefined {
  return typeof json === 'string' ? new JsonText(json) : undefined;
}
