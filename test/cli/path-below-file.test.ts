import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { put, putPng } from '../data/folder.js';
import { freshFolder, unet } from './unet.js';

const work = freshFolder();
const at = (name: string) => join(work, name);
beforeAll(async () => {
  put(at('file'), 'not a folder');
  put(at('net.unet'), 'unet N { input = 1 x 8 x 8  classes = 2  depth = 2  channels = 2  padding = same }\n');
  for (const name of ['a', 'b']) {
    await putPng(
      at(`set/images/${name}.png`),
      Array.from({ length: 64 }, (_, i) => i),
      8,
    );
    await putPng(
      at(`set/masks/${name}.png`),
      Array.from({ length: 64 }, (_, i) => i % 2),
      8,
    );
  }
  expect(unet(['build', 'net.unet', '--target', 'onnx', '-o', 'net.onnx'], work).code).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true }));

/** Each path of each command below a file. What is missing besides is reported first, but nothing is a throw. */
test.each([
  'run net.onnx --input set/images/a.png -o file/x.png',
  'run net.onnx --input file/x.png -o x.png',
  'run file/net.onnx --input set/images/a.png -o x.png',
  'run net.unet --weights file/w.safetensors --input set/images/a.png -o x.png',
  'predict net.onnx --input set/images/a.png -o file/x.png',
  'predict net.onnx --input set/images -o file/out',
  'predict net.onnx --input file/x -o out',
  'predict net.onnx --input file/{case}.png -o out',
  'predict net.onnx --input set/images -o out --report file/report',
  'predict file/run --input set/images -o out',
  'evaluate file/x --truth set/masks',
  'evaluate set/masks --truth file/x',
  'evaluate set/masks --truth set/masks -o file/report',
  'evaluate set/masks --truth set/masks --images file/x -o report',
  'evaluate file/run --data set',
  'view file/x.png -o page.html',
  'view set/images/a.png file/m.png -o page.html',
  'view set/images/a.png -o file/page.html',
  'data check file/x',
  'data cells --out file/x --count 1 --size 32',
  'train net.unet --data file/x -o run',
  'train net.unet --data set -o file/run',
  'train net.unet --data set -o run --weights file/w',
  'train net.unet --data set -o run --validation file/names.txt',
  'check file/x.unet',
  'build net.unet --target onnx -o file/x.onnx',
  'build net.unet --target onnx --weights file/w.safetensors -o x.onnx',
  'weights convert net.unet --from file/w.pth --to w.safetensors',
  'draw net.unet -o file/x.svg',
  'init file/project',
])('%s', (line) => {
  const { code, stderr } = unet(line.split(' '), work);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toContain('unet: error[');
  expect(stderr).not.toMatch(/\n\s+at /);
});
