import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const installed = '/usr/bin/chromium';

/** The path of a Chromium that starts: Debian's where it is installed, else the one that npm brings. */
export async function findChromium(): Promise<string> {
  const path = existsSync(installed) ? installed : await unpack();
  await promisify(execFile)(path, ['--version', '--no-sandbox']);
  return path;
}

/** A package for AWS Lambda, whose browser is one compressed file; it is unpacked once for a version. */
async function unpack(): Promise<string> {
  const require = createRequire(import.meta.url);
  const folder = dirname(dirname(require.resolve('@sparticuz/chromium')));
  const { version } = require(join(folder, 'package.json')) as { readonly version: string };
  const cache = join(import.meta.dirname, '../.cache');
  const path = join(cache, `chromium-${version}`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await pipeline(
    createReadStream(join(folder, 'bin/chromium.br')),
    createBrotliDecompress(),
    createWriteStream(unfinished, { mode: 0o755 }),
  );
  await rename(unfinished, path);
  return path;
}
