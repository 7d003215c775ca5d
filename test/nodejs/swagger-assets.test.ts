import { expect, test } from 'vitest';
import { createSwaggerAssets } from '../../src/nodejs/swagger-assets.ts';

test.each(['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'])(
  '%s is read, and the second time from memory',
  async (name) => {
    const assets = createSwaggerAssets();
    const bytes = await assets.read(name);
    expect(bytes?.length).toBeGreaterThan(500);
    expect(await assets.read(name)).toBe(bytes);
  },
);

test.each(['nothing.js', '', '.', '..', '../zod/package.json', '/etc/passwd', 'a\0b', '__proto__'])(
  '%j is not there',
  async (name) => {
    expect(await createSwaggerAssets().read(name)).toBeNull();
  },
);
