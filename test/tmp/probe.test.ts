import { test } from 'vitest';
import { fittedNetwork } from '../random/fitted.js';
import { checkOnnx } from '../random/check-onnx.js';
test('probe', async () => {
  for (const seed of [100039, 100104, 100140, 100281]) {
    const f = fittedNetwork(seed);
    if (!f) continue;
    console.log(seed, (await checkOnnx(f)).problems);
  }
}, 300000);
