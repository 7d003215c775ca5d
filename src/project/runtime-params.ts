import { parseParamsJson } from '../config/parse-params-json.ts';
import type { RuntimeParams } from './kept-config.ts';

/** Reads the runtime parameters of a request, JSON text. Throws `ConfigError`. */
export function parseRuntimeParams(text: string | null): RuntimeParams | null {
  return text === null ? null : { text: `json ${text}`, values: parseParamsJson(text) };
}
