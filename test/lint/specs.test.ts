import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';

const root = join(import.meta.dirname, '..', '..');
const files = ['specs', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.unet'))
    .map((file) => join(root, folder, file))
    .sort(),
);
const host = {
  read: (path: string) => readFileSync(path, 'utf8'),
  resolve: (from: string, specifier: string) => join(dirname(from), specifier),
};

test('there are specs to look at', () => {
  expect(files.length).toBeGreaterThan(20);
});

test.each(
  files.map((file) => [file.slice(root.length + 1), file]),
)('%s is without a warning', (_name, file) => {
  const { diagnostics } = compile(file, readFileSync(file, 'utf8'), { host });
  expect(diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});
