import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from '../cli/unet.js';

// What a page loads as it is: nothing may be imported that a browser would not find.
test.each([
  'index.js',
  'tfjs.js',
  'tfjs-layers.js',
  'browser/tfjs-layers.js',
])('dist/%s imports nothing from outside of dist', async (file) => {
  const bundled = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'dist', file)],
    bundle: true,
    platform: 'neutral',
    packages: 'external',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.entries(bundled.metafile.inputs);
  expect(inputs.length).toBeGreaterThan(0);
  expect(inputs.map(([path]) => path).filter((path) => !path.startsWith('dist/'))).toEqual([]);
  expect(inputs.flatMap(([, { imports }]) => imports.filter(({ external }) => external))).toEqual([]);
});
