import { test } from 'vitest';
import { measuredFields } from '../analysis/dependence.js';
import { compileAt, fittedNetwork } from '../random/fitted.js';

test('probe', async () => {
  const t0 = Date.now();
  let n = 0,
    skipped = 0,
    bad = 0;
  for (let seed = 1; seed <= 400 && n < 100; seed++) {
    const f = fittedNetwork(seed, { light: true, maximalDepth: 3 });
    if (!f) continue;
    const { graph, facts } = f.network;
    const small = compileAt(
      f.spec,
      f.axes.map((a) => a.minimum),
    ).graph;
    let used = false;
    for (const [axis, sizes] of f.axes.entries()) {
      const fields = graph.stages.map((s) => facts.receptiveField(s.value)[axis] ?? 0);
      const wanted = 2 * Math.max(...fields) + 2 * sizes.step;
      const size = sizes.minimum + Math.ceil(Math.max(0, wanted - sizes.minimum) / sizes.step) * sizes.step;
      const cost = (facts.macs / (graph.inputSize[axis] ?? 1)) * size * size;
      if (cost > 3e7) {
        skipped++;
        continue;
      }
      used = true;
      const m = measuredFields(small, axis, size);
      for (const [i, s] of graph.stages.entries())
        if (m.get(s.value) !== fields[i]) {
          if (bad++ < 8)
            console.log(seed, axis, size, s.name, 'claimed', fields[i], 'measured', m.get(s.value), f.note);
          break;
        }
    }
    if (used) n++;
  }
  console.log(Date.now() - t0, n, skipped, bad);
}, 300000);
