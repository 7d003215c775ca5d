import { expect, test } from 'vitest';

import { suggestName } from '../../src/names/suggest-name.ts';

test.each([
  ['company', ['shuttles', 'companies'], " Did you mean 'companies'?"],
  [
    'json.jsondataset',
    ['json.JSONDataset', 'yaml.YAMLDataset'],
    " Did you mean 'json.JSONDataset'?",
  ],
  ['reviews', ['shuttles', 'companies'], ''],
  ['anything', [], ''],
])('%s among %j', (name, known, expected) => {
  expect(suggestName(name, known)).toBe(expected);
});
