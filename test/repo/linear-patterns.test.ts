import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { checkSync } from 'recheck';
import { describe, expect, inject, test } from 'vitest';

import { kedroPython } from '../python-env.ts';
import { readSourceFiles, root } from './source-files.ts';

interface Pattern {
  readonly file: string;
  readonly pattern: string;
  readonly flags: string;
}

/** Patterns on text of the project alone: who can write that can run code. */
const onOwnText = new Map([
  ['catalog/dataset-pattern.ts', 'patterns of datasets are keys of the catalog'],
]);

/**
 * What the tool cannot decide, as it looks around or counts: each is tried on texts that are as bad
 * as they get for it.
 */
const secretTexts = [
  ...['password', 'password_', 'token', 'token:', 'token: ', "password='", 'secret=[', 'pwd=\\"'],
  ...[
    'password: bearer ',
    'api_key',
    'a',
    '\\',
    ' ',
    '=',
    '"',
    'password\\\\\\"',
    'token\t\t\t\t=',
  ],
  ...['bearer ', 'bearer a', 'bearer aaaaaaaa', 'basic        ', 'basic aaaaaaa1'],
  ...['-----BEGIN PRIVATE KEY-----', '-', '-----BEGIN ', '-----END ', 'A ', 'PRIVATE KEY'],
  ...[
    'eyJ',
    'eyJ.',
    'eyJaaaaaaaa.',
    'eyJaaaaaaaaa',
    '.eyJaaaaaaaa',
    'ghp_',
    'ghp_a',
    'sk-',
    'AKIA',
  ],
  ...['github_pat_', 'xoxb-', 'kds_', 'kds_a', 'hf_a', 'AIza', 'glpat-', 'Version: ', ' \r', '\t='],
];
const urlTexts = ['a', 'a:', 'a://', 'a://a', '://', '://a', '?', '?a', '?a=', '&a', 'a@', '://@'];
const worstTexts: Readonly<Record<string, readonly string[]>> = {
  'catalog/partitioned-dataset.ts': ['/', '/a'],
  'catalog/s3-file-system.ts': ['/', '/a'],
  'client/sender.ts': ['/', '/a'],
  'executor/dataset-claims.ts': ['/', '/a'],
  'http/middleware/answer-unmatched.ts': ['/', '%2f', '%2F/', '%2'],
  'kedro/mentioned-variables.ts': ['${', '${ oc.env', '${oc.env:a', ' ', 'CONF_SOURCE = "', '\n'],
  'project/find-runner.ts': ['kedro.runner.', 'a', 'a.'],
  'redact/hide-secrets.ts': secretTexts,
  'redact/redactor.ts': urlTexts,
  'redact/secret-values.ts': urlTexts,
  'configuration.py': ['${', '${ ', 'a', '.', '${a.'],
  'line_redaction.py': [...secretTexts, ...urlTexts],
  'literal_params.py': ['\\', '\\\\${', '$'],
  'redaction.py': [' ', 'a '],
  'secret_values.py': urlTexts,
};

function patternsOf(file: string, text: string): readonly Pattern[] {
  const found: Pattern[] = [];
  new Visitor({
    Literal(node) {
      if ('regex' in node) found.push({ file, ...node.regex });
    },
  }).visit(parseSync(file, text).program);
  return found;
}

function undecided(patterns: readonly Pattern[]): readonly Pattern[] {
  const unknown: Pattern[] = [];
  const slow: string[] = [];
  for (const { file, pattern, flags } of patterns) {
    if (onOwnText.has(file)) continue;
    const { status } = checkSync(pattern, flags, { checker: 'automaton', timeout: 3000 });
    if (status === 'vulnerable') slow.push(`${file}: ${pattern}`);
    if (status === 'unknown') unknown.push({ file, pattern, flags });
  }
  expect(slow).toEqual([]);
  return unknown;
}

/** The shortest of several times, as the machine has other things to do, too. */
function timeOf(pattern: RegExp, text: string): number {
  const times = Array.from({ length: 3 }, () => {
    const startedAt = performance.now();
    text.replace(pattern, '');
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

/** Eight times the text takes eight times as long; sixty-four times where a pattern is not linear. */
function tryWorst(patterns: readonly Pattern[]): void {
  const files = patterns.map(({ file }) => file);
  expect(Object.keys(worstTexts)).toEqual(expect.arrayContaining(files));
  for (const { file, pattern, flags } of patterns) {
    const regex = new RegExp(pattern, flags);
    for (const part of worstTexts[file] ?? []) {
      for (const end of ['', '\n', 'x!']) {
        const [short = 0, long = 0] = [4000, 32_000].map((length) =>
          timeOf(regex, part.repeat(length / part.length) + end),
        );
        const what = `/${pattern}/ on ${JSON.stringify(part)}: ${short} ms, then ${long} ms`;
        expect(long, what).toBeLessThan(Math.max(20, 30 * short));
      }
    }
  }
}

const ours = readSourceFiles('src', '**/*.ts').flatMap(({ path, text }) => patternsOf(path, text));

describe('regular expressions are linear', () => {
  test('in TypeScript', { timeout: 120_000 }, () => {
    expect(ours.length).toBeGreaterThan(150);
    tryWorst(undecided(ours));
  });

  test.skipIf(inject('pythonMissing') !== null)('in Python', { timeout: 60_000 }, async () => {
    const program = join(import.meta.dirname, 'python-patterns.py');
    const folder = join(root, 'python');
    const listed = execFileSync(await kedroPython('newest'), [program, folder], {
      encoding: 'utf8',
    });
    const patterns = JSON.parse(listed) as readonly Pattern[];
    expect(patterns.length).toBeGreaterThan(8);
    tryWorst(undecided(patterns));
  });
});
