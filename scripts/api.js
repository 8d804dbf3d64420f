// Writes docs/api: what each entry point of the package exports, so that a review sees every change of the public API.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiReports } from './api/report.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = join(root, 'dist/types');

/** The reports of this package: the path of each page from the root, and its text. */
export function packageReports() {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.entries(exports).flatMap(([path, { types: declaration }]) =>
    declaration === undefined
      ? []
      : [{ specifier: join(name, path), file: relative('dist/types', declaration) }],
  );
  const folder = existsSync(types) ? types : emitted();
  try {
    return apiReports(folder, entries).map(({ specifier, text }) => ({
      path: `docs/api/${specifier === name ? 'index' : specifier.slice(name.length + 1)}.md`,
      text,
    }));
  } finally {
    if (folder !== types) rmSync(folder, { recursive: true });
  }
}

/** The declarations of the sources as they are, in a folder of their own. */
function emitted() {
  const folder = mkdtempSync(join(tmpdir(), 'unet-types-'));
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.types.json', '--outDir', folder],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stdout);
  return folder;
}

if (process.argv[1] && statSync(process.argv[1]).ino === statSync(fileURLToPath(import.meta.url)).ino) {
  mkdirSync(join(root, 'docs/api'), { recursive: true });
  for (const { path, text } of packageReports()) writeFileSync(join(root, path), text);
}
