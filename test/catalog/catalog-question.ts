import { createConfigResolver } from '../../src/catalog/config-resolver.ts';
import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { DatasetError } from '../../src/catalog/dataset-error.ts';
import type { Attempt } from '../kedro-oracle.ts';

/** A catalog, and the names that are asked of it. */
export interface CatalogQuestion {
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  readonly loadVersions: Readonly<Record<string, string>>;
}

/** The catalog before and after each name was asked for. */
export interface CatalogFacts {
  readonly names: readonly string[];
  readonly has: readonly boolean[];
  readonly got: readonly Attempt[];
  readonly after: readonly string[];
  readonly hasAfter: readonly boolean[];
}

function attempt(action: () => unknown): Attempt {
  try {
    return { value: action() };
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    return { error: error.name, message: error.message };
  }
}

function catalogFacts({ names, ...options }: CatalogQuestion): CatalogFacts {
  const catalog = createDataCatalog({ ...options, saveVersion: 'v' });
  const before = { names: catalog.names(), has: names.map((name) => catalog.has(name)) };
  const got = names.map((name) => attempt(() => catalog.get(name).constructor.name));
  return {
    ...before,
    got,
    after: catalog.names(),
    hasAfter: names.map((name) => catalog.has(name)),
  };
}

/** Our answers, in the form of the oracle's. */
export function answerQuestion(question: CatalogQuestion): readonly Attempt[] {
  const { config, credentials, names } = question;
  let resolver: ReturnType<typeof createConfigResolver>;
  const made = attempt(() => {
    resolver = createConfigResolver(config, credentials);
    return { patterns: resolver.patterns, entries: [...resolver.entries] };
  });
  if ('error' in made) return [made];
  const facts = names.map((name) =>
    attempt(() => ({
      pattern: resolver.matchPattern(name) ?? null,
      catchAll: resolver.matchCatchAll(name) ?? null,
      entry: resolver.resolve(name),
    })),
  );
  return [made, ...facts, attempt(() => catalogFacts(question))];
}
