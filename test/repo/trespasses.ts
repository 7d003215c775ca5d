import { posix } from 'node:path';

import { parseModule } from './module-syntax.ts';
import { roomOf } from './rooms.ts';
import type { Room } from './rooms.ts';
import type { SourceFile } from './source-files.ts';

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function refusal(room: Room, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return room.nodejs ? undefined : 'node: is not for this room';
  if (specifier.startsWith('import(')) {
    return room.importsProjects ? undefined : 'it is only known later';
  }
  if (!specifier.startsWith('.')) {
    return room.packages.includes(packageOf(specifier))
      ? undefined
      : 'package is not for this room';
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith('..')) return 'leaves src/';
  const other = roomOf(target);
  if (other === undefined) return 'leads to no room';
  if (other === room || room.mayImport.includes(other.path)) return undefined;
  return `${room.path} may not import ${other.path}`;
}

/** Says each import that the table of rooms does not allow; files are relative to `src/`. */
export function findTrespasses(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const room = roomOf(path);
    if (room === undefined) return [`src/${path} is in no room: add its folder to rooms.ts`];
    return parseModule(path, text).imports.flatMap((specifier) => {
      const why = refusal(room, path, specifier);
      return why === undefined ? [] : [`src/${path} imports '${specifier}': ${why}`];
    });
  });
}
