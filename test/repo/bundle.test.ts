import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

import { root } from './source-files.ts';

/** As wrangler bundles a Worker, but with chunks, so that it shows what the start needs. */
const forWorkers = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  target: 'es2024',
  platform: 'browser',
  conditions: ['workerd', 'worker', 'browser'],
  outdir: 'bundle',
  alias: {
    'kedro-server': `${root}/src/index.ts`,
    'kedro-server/workers': `${root}/src/adapters/workers.ts`,
  },
  loader: { '.yml': 'text', '.csv': 'text' },
  logLevel: 'silent',
} satisfies BuildOptions;

interface Part {
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  /** npm packages that code comes from, sorted. */
  readonly packages: readonly string[];
  readonly modules: readonly string[];
}

interface Bundle {
  /** What is loaded before the first request. */
  readonly start: Part;
  /** What is loaded when it is needed. */
  readonly later: Part;
}

function packageOf(module: string): readonly string[] {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/u.exec(module)?.[1];
  return name === undefined ? [] : [name];
}

async function bundleEntry(entry: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({ ...forWorkers, entryPoints: [entry] });
  const texts = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const chunks = Object.entries(metafile.outputs).map(([path, output]) => ({ path, output }));
  const needed = new Set(chunks.filter(({ output }) => output.entryPoint === entry));
  for (const { output } of needed) {
    for (const { kind, path } of output.imports) {
      const chunk = chunks.find((each) => each.path === path);
      if (kind === 'import-statement' && chunk !== undefined) needed.add(chunk);
    }
  }
  const measure = (parts: typeof chunks): Part => {
    const contents = parts.flatMap(({ path }) => texts.get(`${root}/${path}`) ?? []);
    const modules = parts.flatMap(({ output }) =>
      Object.entries(output.inputs).flatMap(([module, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [module] : [],
      ),
    );
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
    return {
      minifiedBytes: sum(contents.map(({ byteLength }) => byteLength)),
      gzipBytes: sum(contents.map((bytes) => gzipSync(bytes, { level: 9 }).byteLength)),
      packages: [...new Set(modules.flatMap(packageOf))].toSorted(),
      modules,
    };
  };
  return {
    start: measure([...needed]),
    later: measure(chunks.filter((chunk) => !needed.has(chunk))),
  };
}

function describePart({ minifiedBytes, gzipBytes, packages }: Part): string {
  return `${minifiedBytes} bytes minified, ${gzipBytes} with gzip, of ours and ${packages.join(', ')}`;
}

describe('the portable entry, engine included, in a Worker', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleEntry('src/index.ts');
  });

  test('is small', () => {
    const { start, later } = bundle;
    process.stdout.write(
      `at the start ${describePart(start)}\nwhen needed ${describePart(later)}\n`,
    );
    expect(start.minifiedBytes).toBeGreaterThan(100_000);
    expect(start.minifiedBytes).toBeLessThan(550_000);
    expect(start.gzipBytes).toBeLessThan(184_000);
    expect(later.gzipBytes).toBeLessThan(262_000);
  });

  test('starts with no package that only some datasets or documents need', () => {
    expect(bundle.start.packages).toEqual(['eventsource-parser', 'hono', 'uuid', 'yaml', 'zod']);
  });

  test('has no language of zod but English', () => {
    const locales = [...bundle.start.modules, ...bundle.later.modules].filter((module) =>
      module.includes('zod/v4/locales/'),
    );
    expect(locales.map((module) => module.slice(module.lastIndexOf('/') + 1))).toEqual(['en.js']);
  });
});

test('the Worker of the example is small, with all that it may ever load', async () => {
  const { start, later } = await bundleEntry('examples/edge-worker/src/worker.ts');
  process.stdout.write(`the Worker ${describePart(start)}\nwhen needed ${describePart(later)}\n`);
  // wrangler puts all of it into one file, of which Cloudflare takes 3 MB with gzip.
  const gzipBytes = start.gzipBytes + later.gzipBytes;
  expect(gzipBytes).toBeGreaterThan(200_000);
  expect(gzipBytes).toBeLessThan(450_000);
  const modules = [...start.modules, ...later.modules];
  expect(modules.filter((module) => /^(?:node:|src\/nodejs|src\/kedro)/.test(module))).toEqual([]);
  expect(modules.filter((module) => module.includes('zod/v4/locales/'))).toHaveLength(1);
});

test('the client is small, and nothing of the server is in it', async () => {
  const { start, later } = await bundleEntry('src/client/index.ts');
  process.stdout.write(`the client ${describePart(start)}\n`);
  expect(start.gzipBytes).toBeGreaterThan(3000);
  expect(start.gzipBytes).toBeLessThan(8000);
  expect(start.packages).toEqual(['eventsource-parser', 'hono']);
  expect(start.modules.filter((module) => /^src\/(?!client\/)/.test(module))).toEqual([]);
  expect(later.modules).toEqual([]);
});

test('a bundle for Workers fails where something needs Node.js', async () => {
  const entry = 'src/nodejs/disk-file-system.ts';
  await expect(bundleEntry(entry)).rejects.toThrow('Could not resolve "node:fs"');
});
