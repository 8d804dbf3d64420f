import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { network, recipe, resultsOf, workFolder } from './cells-run.js';
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

test('killed at the first writes of a continuation, with a schedule that does not depend on the epochs', async () => {
  const work = workFolder(network + recipe.replace('epochs', 'schedule = constant\n  epochs'));
  const whole = await undisturbed(work);
  const more = ['--epochs', '1'];
  await finished(work, 'short', more);
  const { 'run.json': _, ...results } = whole.results;
  for (let write = 1; write <= 60; write += 2) {
    const output = `killed-${write}`;
    cpSync(join(work, 'short'), join(work, output), { recursive: true });
    const { signal } = await killedAt(work, output, { write });
    expect(signal, `write ${write}`).toBe('SIGKILL');
    await finished(work, output);
    // It records the lengths of the run.
    const { 'run.json': __, ...own } = resultsOf(join(work, output));
    expect(own, `write ${write}`).toEqual(results);
  }
  rmSync(work, { recursive: true });
});
