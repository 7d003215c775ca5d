import type { Dataset } from './dataset.ts';
import { isPlainObject } from './plain-object.ts';
import { redactUrls } from '../redact/redact-url.ts';

function toText(value: unknown): string {
  if (typeof value === 'string') return `'${redactUrls(value)}'`;
  if (Array.isArray(value)) return `[${value.map(toText).join(', ')}]`;
  if (!isPlainObject(value)) return String(value);
  const parts = Object.entries(value).map(([key, each]) => `'${key}': ${toText(each)}`);
  return `{${parts.join(', ')}}`;
}

/** How a dataset is shown in messages: `json.JSONDataset(filepath='data/a.json')`. No secrets. */
export function describeDataset(type: string, dataset: Dataset): string {
  const parts = Object.entries(dataset.describe())
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${toText(value)}`);
  return `${type}(${parts.join(', ')})`;
}
