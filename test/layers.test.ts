import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Which layer each folder is: a file imports from its own layer and from those before it. */
const layers: readonly (readonly string[])[] = [
  ['src/source'],
  ['grammar', 'src/ir'],
  ['src/semantics'],
  ['src/elaborate'],
  ['src/shape'],
  ['src/analysis'],
  ['src/expect', 'src/lint', 'src/draw', 'codegen'],
  ['src/autodiff'],
  ['src'],
  ['src/runtime', 'src/host'],
  ['src/data'],
  ['src/train'],
  ['src/cli'],
];
/** These run without Node. */
const core = [
  'grammar',
  'codegen',
  'src/source',
  'src/ir',
  'src/semantics',
  'src/elaborate',
  'src/shape',
  'src/analysis',
  'src/expect',
  'src/lint',
  'src/draw',
  'src/autodiff',
];
/** The library's doors: they name what is in every layer. */
const doors = [
  'src/index.ts',
  'src/node.ts',
  'src/tfjs.ts',
  'src/tfjs-layers.ts',
  'src/typescript.ts',
  'src/build-constants.d.ts',
  'src/raw-text.d.ts',
];

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

const files = [...filesBelow('src'), ...filesBelow('grammar'), ...filesBelow('codegen')].filter(
  (file) => !doors.includes(file),
);

/** The folder of the layers table that a file belongs to: the longest that fits. */
function layerOf(file: string): number {
  const matches = layers.flatMap((folders, rank) =>
    folders.filter((folder) => file.startsWith(`${folder}/`)).map((folder) => ({ rank, folder })),
  );
  const best = matches.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (!best) throw new Error(`${file} is in no layer`);
  return best.rank;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap((match) => match[1] ?? []);
}

describe('data flows one way', () => {
  test('there are files to look at', () => expect(files.length).toBeGreaterThan(80));

  test.each(files)('%s', (file) => {
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) continue;
      const target = relative(root, join(root, dirname(file), specifier)).replace(/\.js$/, '.ts');
      if (target.startsWith('specs/')) continue;
      expect(layerOf(target), `${file} imports ${target}`).toBeLessThanOrEqual(layerOf(file));
    }
  });
});

describe('the core runs without Node', () => {
  test.each(files.filter((file) => core.some((folder) => file.startsWith(`${folder}/`))))('%s', (file) => {
    expect(importsOf(file).filter((specifier) => /^(node:|fs$|path$|process$|os$)/.test(specifier))).toEqual(
      [],
    );
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/\b(Buffer|process)\.[a-z]/);
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
