import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataValues } from '../../src/normalize/data-values.js';
import { measuredNormalization } from '../../src/normalize/measured-normalization.js';
import { type FixedStatistics, normalizationsOf } from '../../src/normalize/normalization.js';
import { peersPython } from '../formats/peers-python.js';
import { imageOf, looks, numbersFrom } from './images.js';

const python = peersPython();

/** Cases of very different sizes, one of them without foreground. */
function cases() {
  return [6, 24, 11, 16].map((size, k) => {
    const shape = [2, size, size, size];
    const ct = imageOf([1, size, size, size], looks['CT in raw units'], k).data;
    const pet = imageOf([1, size, size, size], (next) => 30 * next() ** 4, 50 + k).data;
    const next = numbersFrom(100 + k);
    const segmentation = Array.from({ length: size ** 3 }, () => (k < 3 && next() < 0.2 ? 1 : 0));
    // The foreground of each case is brighter than that of the case before.
    const image = Float32Array.from([...ct, ...pet]).map(
      (value, i) => value + (segmentation[i % size ** 3] ?? 0) * 40 * k,
    );
    return { shape, image, segmentation };
  });
}

test.skipIf(python === undefined)('ct(auto) finds what nnU-Net draws', () => {
  const values = new DataValues(2);
  for (const { shape, image, segmentation } of cases())
    values.addForeground({ shape, data: image }, segmentation);
  const found = measuredNormalization({ kind: 'ct_auto' }, values);
  if (!found.ok || !python) throw new Error('nothing was measured');
  const input = JSON.stringify(cases().map(({ image, ...one }) => ({ ...one, image: [...image] })));
  const script = join(import.meta.dirname, 'peers', 'fingerprint.py');
  // The script writes these four numbers for each channel.
  const expected = JSON.parse(
    execFileSync(python, [script], { input, maxBuffer: 2 ** 26 }).toString(),
  ) as Omit<FixedStatistics, 'kind'>[];
  for (const [channel, one] of normalizationsOf(found.normalization).entries()) {
    if (one.kind !== 'ct') throw new Error('a channel was not measured');
    const wanted = expected[channel];
    if (!wanted) throw new Error('a channel is missing');
    // Ten million draws leave a thousandth of the deviation to chance.
    for (const name of ['low', 'high', 'mean', 'std'] as const) {
      const tolerance = (name === 'low' || name === 'high' ? 0.01 : 0.001) * wanted.std;
      expect(Math.abs(one[name] - wanted[name]), `${name} of channel ${channel + 1}`).toBeLessThan(tolerance);
    }
  }
});
