import { parseSync, Visitor } from 'oxc-parser';
import type { Comment, Program } from 'oxc-parser';

export interface ModuleSyntax {
  /** Specifiers of every import and re-export, those of types and dynamic ones included. */
  readonly imports: readonly string[];
  readonly exportsDefault: boolean;
  readonly comments: readonly Comment[];
  readonly program: Program;
}

/** Reads what a module imports and exports. Throws on a syntax error. */
export function parseModule(file: string, text: string): ModuleSyntax {
  const { program, comments, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const imports: string[] = [];
  let exportsDefault = false;
  new Visitor({
    ImportDeclaration: ({ source }) => imports.push(source.value),
    ImportExpression: ({ source }) =>
      imports.push(
        source.type === 'Literal'
          ? String(source.value)
          : `import(${text.slice(source.start, source.end)})`,
      ),
    TSImportType: ({ source }) => imports.push(source.value),
    ExportAllDeclaration: ({ source }) => imports.push(source.value),
    ExportNamedDeclaration({ source, specifiers }) {
      if (source !== null) imports.push(source.value);
      exportsDefault ||= specifiers.some(
        ({ exported }) => exported.type === 'Identifier' && exported.name === 'default',
      );
    },
    ExportDefaultDeclaration() {
      exportsDefault = true;
    },
  }).visit(program);
  return { imports, exportsDefault, comments, program };
}
