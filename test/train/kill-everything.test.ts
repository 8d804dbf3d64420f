import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultsOf, workFolder } from './cells-run.js';
import { finished, killedAt, undisturbed } from './killed-run.js';

/** Everything that has a state or is random: running statistics, dropouts, every augmentation, the rate, patience. */
const everything = `unet Small {
  input    = 1 x 32 x 32
  classes  = 2
  depth    = 2
  channels = 4
  padding  = same
  norm     = batch
  bias     = false
  dropout  = 0.3
}

training Everything {
  loss       = cross_entropy + dice(batch: true)
  optimizer  = sgd(lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 1e-4)
  schedule   = cosine(warmup: 7)
  epochs     = 6
  batch      = 2
  augment    = [flip, rotate90, rotate, scale, elastic, noise, blur, brightness, contrast, gamma]
  weight_map = border(w0: 10, sigma: 3px)
  foreground = 0.5
  clip       = 1
  patience   = 2
}
`;

test('a kill loses nothing that a run carries from epoch to epoch', { timeout: 120_000 }, async () => {
  const work = workFolder(everything);
  const whole = await undisturbed(work);
  // In different epochs, since each time there is less left to do.
  for (const part of [0.5, 0.4]) {
    const { signal } = await killedAt(work, 'killed', { write: Math.round(part * whole.writes) });
    expect(signal).toBe('SIGKILL');
  }
  await finished(work, 'killed');
  expect(resultsOf(join(work, 'killed'))).toEqual(whole.results);
  rmSync(work, { recursive: true });
});
