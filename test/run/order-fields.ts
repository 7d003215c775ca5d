import type { PlannedOrder } from '../../src/run/planner.ts';

/** An order that asks for nothing but the default pipeline. */
export const plainOrder: PlannedOrder = {
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
  inputKinds: null,
  outputs: null,
  onlyMissingOutputs: false,
  inputNames: [],
};
