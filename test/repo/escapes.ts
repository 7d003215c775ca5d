import { Visitor } from 'oxc-parser';
import type { Expression } from 'oxc-parser';

import { parseModule } from './module-syntax.ts';

/** A lint rule may be off for one line, with a reason; fences and types never. */
const suppression =
  /@ts-(?:ignore|nocheck|expect-error)|(?:oxlint|eslint)-disable(?!-next-line (?!\S*(?:restricted-imports|explicit-any))[\w/-]+ -- \w)/;

/** The first name of `test.each.skip` and the like, or nothing. */
function rootName(expression: Expression): string | undefined {
  if (expression.type === 'Identifier') return expression.name;
  if (expression.type === 'MemberExpression') return rootName(expression.object);
  if (expression.type === 'CallExpression') return rootName(expression.callee);
  return undefined;
}

/** In a test of types the line below must be refused, or the compiler complains: that is an assertion. */
const typeTest = /^test\/.*\.test\.ts$/;

/** Says what a module does to get past the type checker, the linter or its own tests. */
export function findEscapes(file: string, text: string): string[] {
  const { program, comments } = parseModule(file, text);
  const found = comments.flatMap(({ value, start }) => {
    const what = suppression.exec(value)?.[0];
    const isAssertion = what === '@ts-expect-error' && typeTest.test(file);
    return what === undefined || isAssertion ? [] : [{ what, start }];
  });
  new Visitor({
    TSAnyKeyword: ({ start }) => found.push({ what: 'any', start }),
    MemberExpression({ object, property, start }) {
      const name = property.type === 'Identifier' ? property.name : '';
      const isTest = ['test', 'it', 'describe', 'suite'].includes(rootName(object) ?? '');
      if (isTest && ['skip', 'only', 'todo', 'fails'].includes(name)) {
        found.push({ what: `.${name}`, start });
      }
    },
  }).visit(program);
  return found.map(
    ({ what, start }) => `${file}:${text.slice(0, start).split('\n').length} uses ${what}`,
  );
}
