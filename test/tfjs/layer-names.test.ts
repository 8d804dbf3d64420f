import { expect, test } from 'vitest';
import { layerName } from '../../codegen/tfjs/lower/layer-call.js';
import { lowerModel } from '../../codegen/tfjs/lower/lowerings.js';
import { pathOf } from '../ir/stage-paths.js';
import { fittedNetwork } from '../random/fitted.js';

test('a stage path keeps its parts', () => {
  expect(layerName(pathOf('encoder[2].conv[1]'))).toBe('encoder_2.conv_1');
  expect(layerName(pathOf('node[0,12].Residual[3].conv[1]'))).toBe('node_0_12.Residual_3.conv_1');
});

test('the layers of random networks have different names, which tfjs takes', () => {
  let seen = 0;
  for (let seed = 1; seen < 60; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted) continue;
    seen += 1;
    const names = lowerModel(fitted.network.graph).calls.map(({ name }) => name);
    expect(new Set(names).size, fitted.note).toBe(names.length);
    // What tfjs allows in the names of weights, which begin with the layer's.
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][-A-Za-z0-9._/]*$/);
  }
});
