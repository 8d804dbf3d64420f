import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultsOf, workFolder } from './cells-run.js';
import { finished, killedAt, moments, undisturbed } from './killed-run.js';

test('a run that is killed at any moment and continued ends like a run that was not', async () => {
  const work = workFolder();
  const whole = await undisturbed(work);
  for (const [i, moment] of moments(whole, 20, 1).entries()) {
    const output = `killed-${i}`;
    await killedAt(work, output, moment);
    await finished(work, output);
    expect(resultsOf(join(work, output)), JSON.stringify(moment)).toEqual(whole.results);
  }
  rmSync(work, { recursive: true });
});

test('killed at each of the last writes, which end a run', async () => {
  const work = workFolder();
  const whole = await undisturbed(work);
  for (let write = whole.writes; write > whole.writes - 30; write -= 1) {
    const output = `killed-${write}`;
    const { signal } = await killedAt(work, output, { write });
    expect(signal, `write ${write}`).toBe('SIGKILL');
    await finished(work, output);
    expect(resultsOf(join(work, output)), `write ${write}`).toEqual(whole.results);
  }
  rmSync(work, { recursive: true });
});
