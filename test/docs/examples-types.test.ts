import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pages, root } from './markdown.js';

it('the examples in TypeScript are correctly typed under the strictest settings', () => {
  // Inside the repository, so that the packages and the project's settings are found.
  const folder = mkdtempSync(join(root, 'test/docs/.examples-'));
  try {
    const files = pages().flatMap(({ path, fences }) =>
      fences
        .filter(({ language }) => language === 'ts')
        .map(({ text, line }) => {
          const name = `${path.replace(/\W/g, '-')}-${line}.mts`;
          writeFileSync(join(folder, name), text);
          return name;
        }),
    );
    expect(files.length).toBeGreaterThan(0);
    const source = '../../../src';
    const settings = {
      extends: '../../../tsconfig.json',
      compilerOptions: {
        noEmit: true,
        rootDir: '../../..',
        paths: { 'unet-lang': [`${source}/index.ts`], 'unet-lang/*': [`${source}/*.ts`] },
      },
      include: [],
      files: [...files, `${source}/raw-text.d.ts`, `${source}/build-constants.d.ts`],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace('package.json', 'bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
