/** A path of the server. */
export interface KnownPath {
  /** As Hono writes it: `:id` stands for a part of it. */
  readonly path: string;
  /** The methods that it has, as `Allow` lists them. */
  readonly allow: string;
  /** Whether it is one of Kedro's own server, whose errors it then has. */
  readonly isKedros: boolean;
}

function kedros(path: string, allow: string): KnownPath {
  return { path, allow, isKedros: true };
}

function ours(path: string, allow: string): KnownPath {
  return { path, allow, isKedros: false };
}

export const knownPaths: readonly KnownPath[] = [
  kedros('/health', 'GET'),
  kedros('/snapshot', 'GET'),
  kedros('/run', 'POST'),
  kedros('/openapi.json', 'GET, HEAD'),
  kedros('/docs', 'GET, HEAD'),
  ours('/runs', 'GET, HEAD, POST'),
  ours('/runs/:id', 'GET, HEAD'),
  ours('/runs/:id/events', 'GET, HEAD'),
  ours('/runs/:id/logs', 'GET, HEAD'),
  ours('/runs/:id/outputs/:name', 'GET, HEAD'),
  ours('/runs/:id/cancel', 'POST'),
  ours('/runs/:id/retry', 'POST'),
  ours('/runs/:id/token', 'POST'),
  ours('/pipelines', 'GET, HEAD'),
  ours('/pipelines/:name', 'GET, HEAD'),
  ours('/livez', 'GET, HEAD'),
  ours('/readyz', 'GET, HEAD'),
  ours('/metrics', 'GET, HEAD'),
];

/** Whether a path, with or without a slash at its end, has the errors of Kedro's own server. */
export function isKedrosPath(path: string): boolean {
  const known = knownPaths.find((each) => each.path === path || `${each.path}/` === path);
  return known?.isKedros ?? true;
}
