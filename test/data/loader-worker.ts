import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Bundles a worker, the loader's or another one, as the package has it; below this folder so that packages are found. */
export async function buildWorker(
  entry = 'src/data/loader/worker.ts',
): Promise<{ script: URL; remove: () => void }> {
  mkdirSync(join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'out/loader-worker-'));
  const outfile = join(folder, 'loader-worker.mjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return { script: pathToFileURL(outfile), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
