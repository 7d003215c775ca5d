import { nameList } from './name-list.ts';
import type { Node } from './node.ts';
import { PipelineError } from './pipeline-error.ts';
import { repeatedNames } from './repeated-names.ts';
import { stripTranscoding } from './transcoding.ts';

export function checkUniqueNames(nodes: readonly Node[]): void {
  const names = repeatedNames(nodes.map(({ name }) => name));
  if (names.length === 0) return;
  throw new PipelineError(
    'nodes-not-unique',
    `Pipeline nodes must have unique names. The following node names appear more than once: ${nameList(names)}. You can name your nodes using the last argument of 'node()'.`,
  );
}

/** A dataset with formats is always written with one. */
export function checkTranscoding(nodes: readonly Node[]): void {
  const datasets = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  const mixed = new Set<string>();
  for (const dataset of datasets) {
    const name = stripTranscoding(dataset);
    if (name !== dataset && datasets.has(name)) mixed.add(name);
  }
  if (mixed.size === 0) return;
  throw new PipelineError(
    'transcoding-invalid',
    `The following datasets are used with transcoding, but were referenced without the separator: ${[...mixed].join(', ')}.\nPlease specify a transcoding option or rename the datasets.`,
  );
}

export function checkUniqueOutputs(nodes: readonly Node[]): void {
  const names = repeatedNames(nodes.flatMap(({ outputs }) => outputs.map(stripTranscoding)));
  if (names.length === 0) return;
  const taken = new Set(names);
  const makers = nodes.filter(({ outputs }) =>
    outputs.some((name) => taken.has(stripTranscoding(name))),
  );
  throw new PipelineError(
    'outputs-not-unique',
    `Output(s) ${nameList(names)} are returned by more than one nodes. Node outputs must be unique. They are returned by ${nameList(makers.map(({ name }) => name))}.`,
  );
}

export function checkUniqueConfirms(nodes: readonly Node[]): void {
  const names = repeatedNames(nodes.flatMap(({ confirms }) => confirms.map(stripTranscoding)));
  if (names.length === 0) return;
  throw new PipelineError(
    'confirms-not-unique',
    `${nameList(names)} datasets are confirmed by more than one node. Node confirms must be unique.`,
  );
}
