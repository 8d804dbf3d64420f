import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder, unet, unetProcess } from './unet.js';

// Most tests call `unet` in a process that they share. It has to answer as a process of its own does.
test.each([
  ['check', 'specs/unet2d.unet'],
  ['check', 'specs/unet2d.unet', '--input', '1 x 570 x 570'],
  ['check', 'nowhere.unet'],
  ['table', 'specs/unet2d.unet', '--format', 'xml'],
  ['sizes', 'specs/unet3d.unet', '--json'],
  ['explain', 'odd-crop'],
  ['build', 'specs/unet2d.unet', '-t', 'typescript', '-o', 'OUT/net.ts'],
  ['tabel'],
  ['--version'],
  [],
])('unet %s %s %s %s %s %s', (...args) => {
  const folder = freshFolder();
  const call = args.map((arg) => arg.replace('OUT', folder));
  const own = unetProcess(call);
  rmSync(join(folder, 'net.ts'), { force: true });
  expect(unet(call)).toEqual(own);
});
