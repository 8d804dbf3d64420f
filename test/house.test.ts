import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { core, files, importsOf, rules, textOf } from '../scripts/house.js';

const root = join(import.meta.dirname, '..');

describe('the sources', () => {
  test('are all seen', () => expect(files.length).toBeGreaterThan(400));

  test.each(rules)('$rule', ({ broken }) => expect(broken()).toEqual([]));
});

describe('the core runs without Node', () => {
  const coreFiles = files.filter((file) => core.some((folder) => file.startsWith(`${folder}/`)));

  test('no file imports a module of Node', () => {
    const isNode = (specifier: string) => /^(node:|fs$|path$|process$|os$)/.test(specifier);
    expect(coreFiles.filter((file) => importsOf(file).some(isNode))).toEqual([]);
  });

  test("no file uses Node's globals", () => {
    expect(coreFiles.filter((file) => /\b(Buffer|process)\.[a-z]/.test(textOf(file)))).toEqual([]);
  });

  test('the bundle of the library imports nothing', () => {
    const seen = new Set<string>();
    const outside: string[] = [];
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      expect(existsSync(path), `${path} is built by npm run build`).toBe(true);
      for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(
        /(?:^|[;\n])(?:import|export)\s*(?:[\w*{}\s,$]+?from)?\s*"([^"]+)"/g,
      )) {
        if (specifier.startsWith('.')) visit(join(dirname(path), specifier));
        else outside.push(specifier);
      }
    };
    visit(join(root, 'dist/index.js'));
    expect(outside).toEqual([]);
    expect(seen.size).toBeGreaterThan(1);
  });
});
