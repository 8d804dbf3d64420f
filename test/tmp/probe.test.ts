import { test } from 'vitest';
import { fittedNetwork } from '../random/fitted.js';
import { checkOnnx } from '../random/check-onnx.js';
import { checkModels } from '../onnx/onnx-checker.js';
test('probe', async () => {
  const t0 = Date.now();
  let n = 0, stages = 0; let bad = 0; const models = [];
  for (let seed = 1; seed <= 1000 && n < 60; seed++) {
    const f = fittedNetwork(seed);
    if (!f || f.network.facts.macs > 3e6) continue;
    n++;
    try {
    const r = await checkOnnx(f);
    stages += r.stages; models.push(...r.models);
    if (r.problems.length && bad++ < 6) console.log(r.problems, f.note);
    } catch (e) { bad++; console.log(String(e), f.note); }
  }
  console.log(Date.now() - t0, n, stages, bad);
  const c = checkModels(models); console.log(Date.now() - t0, c.filter(x => x.error).slice(0, 3));
}, 300000);
