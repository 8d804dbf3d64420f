import { expect, test } from 'vitest';
import { metadataKeys } from '../../src/compiler/metadata.js';
import { predictModel } from '../../src/predict/model/predict-model.js';
import type { Session } from '../../src/runtime/engine.js';
import { ok } from '../data/folder.js';

test('a model that takes so many windows at once also computes fewer', async () => {
  const batch = 4;
  const session: Session = {
    inputs: [{ name: 'x', type: 'float32', shape: [batch, 1, 'H', 'W'] }],
    outputs: [{ name: 'y', type: 'float32', shape: [batch, 2, 'H', 'W'] }],
    metadata: { [metadataKeys.head]: 'logits' },
    run({ shape, data }) {
      expect(shape[0]).toBe(batch);
      const positions = (shape[2] ?? 0) * (shape[3] ?? 0);
      const values = Float32Array.from({ length: 2 * data.length }, (_, i) => {
        const [n, k, at] = [
          Math.floor(i / (2 * positions)),
          Math.floor(i / positions) % 2,
          i % positions,
        ] as const;
        return (data[n * positions + at] ?? 0) * (k === 0 ? -1 : 1);
      });
      return Promise.resolve(
        new Map([['y', { shape: [batch, 2, shape[2] ?? 0, shape[3] ?? 0], data: values }]]),
      );
    },
    close: () => Promise.resolve(),
  };
  const model = ok(predictModel(session, 'net.onnx', undefined));
  for (let count = 1; count <= batch; count++) {
    const data = Float32Array.from({ length: count * 6 }, (_, i) => i + 1);
    const output = ok(await model.windows.run({ shape: [count, 1, 2, 3], data }));
    expect(output.shape).toEqual([count, 2, 2, 3]);
    const wanted = Array.from({ length: count }, (_, n) => {
      const own = [...data.subarray(6 * n, 6 * n + 6)];
      return [...own.map((value) => -value), ...own];
    });
    expect([...output.data]).toEqual(wanted.flat());
  }
});
