import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { casesIn, checkCase } from './case-files.js';
import { peersPython } from './peers-python.js';

const kinds = ['tiff', 'raster', 'nifti', 'mgh', 'nrrd_files', 'meta', 'numpy_files', 'chunked'];
const python = peersPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

if (python === undefined) {
  test.skip('there is no Python with the peers: run scripts/peers.sh', () => {});
} else {
  const chosen = process.env.UNET_KINDS?.split(',') ?? kinds;
  execFileSync(python, [join(import.meta.dirname, 'peers', 'make.py'), folder, ...chosen], {
    stdio: 'ignore',
  });
  describe.each(chosen)('%s', (kind) => {
    const cases = casesIn(join(folder, `${kind}.json`));
    test('has cases', () => expect(cases.length).toBeGreaterThan(5));
    test.each(cases)('$name', checkCase);
  });
}
