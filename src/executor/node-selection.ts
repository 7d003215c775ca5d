/** Which nodes an order is for; null: it does not say. */
export interface NodeSelection {
  readonly pipelineNames: readonly string[] | null;
  readonly fromInputs: readonly string[] | null;
  readonly toOutputs: readonly string[] | null;
  readonly fromNodes: readonly string[] | null;
  readonly toNodes: readonly string[] | null;
  readonly nodeNames: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly namespaces: readonly string[] | null;
}

/** All that it says: two that say the same select the same nodes. */
export function partsOfSelection(selection: NodeSelection): readonly (readonly string[] | null)[] {
  return [
    selection.pipelineNames,
    selection.fromInputs,
    selection.toOutputs,
    selection.fromNodes,
    selection.toNodes,
    selection.nodeNames,
    selection.tags,
    selection.namespaces,
  ];
}
