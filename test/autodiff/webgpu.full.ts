import { describe, expect, test } from 'vitest';
import { bodies, ranks } from '../onnx/example-graphs.js';
import { hasWebGpu } from '../runtime/webgpu-device.js';
import { framed } from './framed.js';
import { gradientsOf } from './run-gradients.js';

const here = await hasWebGpu();

describe.each(ranks)('%iD gradients on WebGPU equal those on the CPU', (rank) => {
  test.skipIf(!here).each(Object.keys(bodies))('%s', async (name) => {
    const graph = framed(name, rank);
    const lacking = new Set(['MaxUnpool']);
    const own = await gradientsOf(graph, 2, { lacking });
    const other = await gradientsOf(graph, 2, { lacking, device: 'webgpu' });
    for (const [parameter, gradient] of own) {
      const given = other.get(parameter) ?? new Float32Array();
      expect(given.length).toBe(gradient.length);
      const length = Math.hypot(...gradient);
      const distance = Math.hypot(...gradient.map((value, i) => value - (given[i] ?? 0)));
      // A GPU's exp and log are less exact than a CPU's.
      expect(distance, parameter).toBeLessThanOrEqual(5e-4 * Math.max(length, 1e-3));
    }
  });
});
