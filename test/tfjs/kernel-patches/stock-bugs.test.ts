import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { knownBugs } from './known-bugs.js';
import { measure, tolerance } from './op-case.js';

// Nothing is patched in this file. Where a test of it fails, tfjs has patched the bug itself, and its patch here can go.

describe.each(['cpu', 'wasm'] as const)('the stock %s engine has wrong', (engine) => {
  beforeAll(async () => {
    await tf.setBackend(engine);
  });

  test.each(
    knownBugs
      .filter(({ engines }) => engines.includes(engine))
      .map((bug) => [bug.what, bug.opCase.name, bug] as const),
  )('%s of %s', (_what, _name, { opCase, what, throws }) => {
    const found = measure(tf, opCase)[what];
    expect(typeof found === 'string').toBe(throws);
    if (typeof found === 'string') return;
    const error = typeof found === 'number' ? found : Math.max(...found);
    expect(error).toBeGreaterThan(what === 'forward' ? tolerance.forward : tolerance.gradient);
  });
});
