import { posix } from 'node:path';

import { readSourceFiles } from './source-files.ts';

export interface CodeBlock {
  /** Where it begins, as `path:line`. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

export interface Document {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  /** What it links to in the repository, relative to the repository. */
  readonly links: readonly string[];
}

function parseDocument(path: string, text: string): Document {
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${path}:${text.slice(0, match.index).split('\n').length}`,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
  const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].flatMap(([, target = '']) =>
    target.includes(':') ? [] : [posix.join(posix.dirname(path), target)],
  );
  return { path, text, blocks, links };
}

/** The documents that people read: those at the root, and all of `docs/`. */
export function readDocuments(): Document[] {
  const docs = readSourceFiles('docs', '**/*.md').map(({ path, text }) => ({
    path: `docs/${path}`,
    text,
  }));
  const atRoot = readSourceFiles('.', '*.md');
  return [...atRoot, ...docs].map(({ path, text }) => parseDocument(path, text));
}
