import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { casesIn, checkCase } from './case-files.js';
import { peersFolder, peersPython } from './peers-python.js';

vi.mock(import('../../src/runtime/files/packages.js'), async (original) => ({
  ...(await original()),
  searchFolders: () => [join(peersFolder(), 'node')],
}));

const python = peersPython();
const isInstalled = existsSync(join(peersFolder(), 'node', 'node_modules', '@itk-wasm', 'dicom'));
const folder = mkdtempSync(join(tmpdir(), 'unet-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

if (python === undefined || !isInstalled) {
  test.skip('there is no Python with the peers, or no @itk-wasm/dicom: run scripts/peers.sh', () => {});
} else {
  execFileSync(python, [join(import.meta.dirname, 'peers', 'make.py'), folder, 'dicom'], { stdio: 'ignore' });
  const cases = casesIn(join(folder, 'dicom.json'));
  test('has cases', () => expect(cases.length).toBeGreaterThan(40));
  test.each(cases)('$name', checkCase);
}
