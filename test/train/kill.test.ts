import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultsOf, workFolder } from './cells-run.js';
import { finished, killedAt, undisturbed } from './killed-run.js';

test('a run that is killed again and again ends like a run that was not', { timeout: 120_000 }, async () => {
  const work = workFolder();
  const whole = await undisturbed(work);
  // Half a lock; half of the first file; in the middle of the run; and near the end of the rest.
  const [lock, first, middle, late] = [3, 6, 0.5 * whole.writes, 0.4 * whole.writes].map(Math.round);
  for (const write of [lock, first, middle, late]) {
    const { signal } = await killedAt(work, 'killed', { write: write ?? 1 });
    expect(signal).toBe('SIGKILL');
  }
  await finished(work, 'killed');
  expect(resultsOf(join(work, 'killed'))).toEqual(whole.results);
  // When everything is written, and only the lock is left.
  await killedAt(work, 'late', { write: whole.writes });
  expect(existsSync(join(work, 'late/lock'))).toBe(true);
  await finished(work, 'late');
  expect(resultsOf(join(work, 'late'))).toEqual(whole.results);
  rmSync(work, { recursive: true });
});
