import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { casesIn, checkCase } from './case-files.js';
import { peersPython } from './peers-python.js';

const python = peersPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-tiff-product-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(python === undefined)(
  'every photometric x bits x bands x planar x byte order x compression x blocks x kind of numbers',
  { timeout: 600_000 },
  async () => {
    const script = join(import.meta.dirname, 'peers', 'make.py');
    execFileSync(python ?? '', [script, folder, 'tiff_product'], { stdio: 'ignore' });
    const cases = casesIn(join(folder, 'tiff_product.json'));
    expect(cases.length).toBeGreaterThan(11_000);
    const wrong: string[] = [];
    for (const one of cases) {
      await checkCase(one).catch((error: unknown) =>
        wrong.push(`${one.name}: ${String(error).slice(0, 200)}`),
      );
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  },
);
