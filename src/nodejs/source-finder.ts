import { Session } from 'node:inspector';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeFunction } from '../pipeline/node-function.ts';
import { isNameMap } from '../pipeline/value-type.ts';
import type { FunctionSource } from '../project/define-project.ts';

const handle = 'kedroServerFunction';

interface Place {
  readonly url: string;
  /** From 0. */
  readonly line: number;
}

/** Asks V8 where functions are written; it says nothing of built-in and bound ones. */
class Inspection {
  readonly #session = new Session();
  readonly #urls = new Map<string, string>();

  constructor() {
    this.#session.connect();
    this.#session.on('Debugger.scriptParsed', ({ params }) => {
      this.#urls.set(params.scriptId, params.url);
    });
    this.#session.post('Debugger.enable');
  }

  placeOf(func: NodeFunction): Place | null {
    let objectId: string | undefined;
    let location: unknown;
    Object.defineProperty(globalThis, handle, { value: func, configurable: true });
    const expression = `globalThis.${handle}`;
    // Each answers before `post` returns.
    this.#session.post('Runtime.evaluate', { expression }, (_, answer) => {
      objectId = answer?.result.objectId;
    });
    Reflect.deleteProperty(globalThis, handle);
    if (objectId === undefined) return null;
    this.#session.post('Runtime.getProperties', { objectId }, (_, answer) => {
      location = answer?.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')
        ?.value?.value;
    });
    this.#session.post('Runtime.releaseObject', { objectId });
    if (!isNameMap(location) || typeof location['lineNumber'] !== 'number') return null;
    const url = this.#urls.get(String(location['scriptId']));
    return url === undefined ? null : { url, line: location['lineNumber'] };
  }

  close(): void {
    this.#session.disconnect();
  }
}

function toSource(func: NodeFunction, { url, line }: Place, root: string): FunctionSource | null {
  if (!url.startsWith('file:')) return null;
  const file = path.relative(root, fileURLToPath(url)).replaceAll(path.sep, '/');
  if (file.startsWith('../') || path.isAbsolute(file) || file.includes('node_modules/'))
    return null;
  const lines = Function.prototype.toString.call(func).split('\n').length;
  return { filepath: file, lineStart: line + 1, lineEnd: line + lines };
}

/**
 * Creates what tells where below `root` a function is written, on V8; null for functions without a
 * name, which are Kedro's lambdas, for bound and built-in ones and for those from elsewhere. The
 * inspector is on from the first question until the caller has asked them all, and then off: it
 * takes tens of milliseconds, and nothing where nobody asks.
 */
export function createSourceFinder(root: string): (func: NodeFunction) => FunctionSource | null {
  const known = new WeakMap<NodeFunction, { readonly source: FunctionSource | null }>();
  let inspection: Inspection | undefined;

  const inspect = (func: NodeFunction): FunctionSource | null => {
    if (func.name === '') return null;
    if (inspection === undefined) {
      const opened = new Inspection();
      inspection = opened;
      queueMicrotask(() => {
        inspection = undefined;
        opened.close();
      });
    }
    const place = inspection.placeOf(func);
    return place === null ? null : toSource(func, place, root);
  };

  return (func) => {
    const asked = known.get(func);
    if (asked !== undefined) return asked.source;
    let source: FunctionSource | null = null;
    try {
      source = inspect(func);
    } catch {
      // Bun and some builds of Node.js have no inspector: a snapshot does without.
    }
    known.set(func, { source });
    return source;
  };
}
