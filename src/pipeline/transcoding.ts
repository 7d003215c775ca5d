import { PipelineError } from './pipeline-error.ts';

/**
 * The dataset's name and its format: `['ds', 'csv']` for `ds@csv`, `['ds', '']` for `ds`.
 * More than one `@` is refused.
 */
export function splitTranscoding(dataset: string): readonly [name: string, format: string] {
  const at = dataset.indexOf('@');
  if (at === -1) return [dataset, ''];
  if (dataset.includes('@', at + 1)) {
    const count = dataset.split('@').length - 1;
    throw new PipelineError(
      'transcoding-invalid',
      `Expected maximum 1 transcoding separator, found ${count} instead: '${dataset}'.`,
    );
  }
  return [dataset.slice(0, at), dataset.slice(at + 1)];
}

/** `ds` for both `ds` and `ds@csv`: what connects nodes. */
export function stripTranscoding(dataset: string): string {
  return splitTranscoding(dataset)[0];
}
