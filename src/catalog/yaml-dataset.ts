import { parse, stringify } from 'yaml';

import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { decodeText } from './decode-text.ts';
import { createFileDataset } from './file-dataset.ts';

/** `yaml.YAMLDataset`: any value of YAML 1.1, which is what Kedro's PyYAML reads and writes. */
export function createYamlDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, () => ({
    decode: (bytes) => parse(decodeText(bytes), { version: '1.1' }) as unknown,
    encode: (data) => stringify(data, { version: '1.1' }),
  }));
}
