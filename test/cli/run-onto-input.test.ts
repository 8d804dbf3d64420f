import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putPng } from '../data/folder.js';
import { writeForeignModel } from './foreign-model.js';
import { freshFolder, unet } from './unet.js';

const work = freshFolder();
const at = (name: string) => join(work, name);
let before = Buffer.alloc(0);

beforeAll(async () => {
  writeForeignModel(at('model.onnx'), [{ op: 'Sigmoid' }], ['n', 1, 'h', 'w']);
  await putPng(at('a.png'), [1, 2, 3, 4], 2);
  before = readFileSync(at('a.png'));
  mkdirSync(at('folder'));
  copyFileSync(at('a.png'), at('folder/a.png'));
  linkSync(at('a.png'), at('hard.png'));
  symlinkSync(at('a.png'), at('soft.png'));
});
afterAll(() => rmSync(work, { recursive: true }));

test.each([
  ['the input', 'a.png', 'a.png', 2],
  ['the input by another path', 'a.png', 'folder/../a.png', 2],
  ['a hard link to it', 'a.png', 'hard.png', 2],
  ['a symbolic link to it', 'a.png', 'soft.png', 2],
  ['a file of a folder of channels', 'folder', 'folder/a.png', 2],
  ['another file', 'a.png', 'mask.png', 0],
  ['a new file in the folder of the input', 'folder/a.png', 'folder/mask.png', 0],
])('unet run does not write its result onto %s', (_, input, output, code) => {
  const ran = unet(['run', 'model.onnx', '--input', input, '-o', output, '--threads', '1'], work);
  expect(ran.code).toBe(code);
  if (code !== 0) expect(ran.stderr).toContain('invalid-output-path');
  expect(readFileSync(at('a.png')).equals(before)).toBe(true);
});
