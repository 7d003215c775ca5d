import { KedroServerError } from '../errors.ts';

export function storeUnusable(store: string, reason: string, cause?: unknown): KedroServerError {
  const message = `The store of runs '${store}' cannot be used: ${reason}.`;
  return new KedroServerError('store-unusable', message, cause === undefined ? {} : { cause });
}
