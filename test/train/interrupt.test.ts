import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endOf, network, recipe, resultsOf, startUnet, trainArguments, workFolder } from './cells-run.js';

/** Starts a training and sends it a signal when it prints its first epoch: it is in the second then. */
function interrupted(work: string, output: string, signals: number) {
  const child = startUnet(trainArguments(output), work);
  let sent = 0;
  child.stderr?.on('data', (chunk) => {
    // The second signal comes when the first is received.
    if (String(chunk).includes('finishing the step') && sent < signals) {
      sent += 1;
      child.kill('SIGINT');
    }
  });
  return endOf(child, (text) => {
    if (!text.includes('epoch 1/') || sent > 0) return;
    sent = 1;
    child.kill('SIGINT');
  });
}

test('Ctrl-C finishes the step and saves; the run continues to the same bytes', async () => {
  // Epochs of many steps: the signal comes in the middle of one.
  const work = workFolder(network + recipe.replace('epochs    = 3', 'epochs = 2'), [
    ...['--count', '8', '--size', '120'],
  ]);
  const whole = await endOf(startUnet(trainArguments('whole'), work));
  expect(whole.code).toBe(0);
  const stopped = await interrupted(work, 'stopped', 1);
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(
    /^unet: finishing the step and saving; [^\n]*\nstopped and saved in stopped; [^\n]*--resume[^\n]*\n$/,
  );
  const kept = Object.entries(resultsOf(join(work, 'stopped'))).find(
    ([name]) => name === 'checkpoint.safetensors',
  );
  expect(kept?.[1]).toMatch(/"epoch":1,"step":\d+/);
  const again = await endOf(startUnet(trainArguments('stopped', '--resume'), work));
  expect(again.code).toBe(0);
  expect(again.stdout).not.toMatch(/epoch 1\//);
  expect(resultsOf(join(work, 'stopped'))).toEqual(resultsOf(join(work, 'whole')));
  rmSync(work, { recursive: true });
});

test('a second Ctrl-C stops at once', async () => {
  // A step of this network takes seconds: without the second signal, it would be finished and saved.
  const work = workFolder(
    `${network.replace('channels = 4', 'channels = 32').replaceAll('32 x 32', '256 x 256')}${recipe}`,
    ['--count', '3', '--size', '256'],
  );
  const child = startUnet(trainArguments('stopped'), work);
  let sent = 0;
  const ending = endOf(child, () => {
    // The line about the network comes before the first step.
    if (sent > 0) return;
    sent = 1;
    setTimeout(() => child.kill('SIGINT'), 300);
  });
  child.stderr?.on('data', (chunk) => {
    if (String(chunk).includes('finishing the step')) child.kill('SIGINT');
  });
  const { code, signal, stderr } = await ending;
  expect({ code, signal }).toEqual({ code: 130, signal: null });
  expect(stderr).toMatch(/^unet: finishing the step and saving; [^\n]*\n$/);
  rmSync(work, { recursive: true });
});
