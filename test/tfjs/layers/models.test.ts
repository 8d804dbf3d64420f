import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { elementCount } from '../../../src/ir/parameter.js';
import { cases } from './cases.js';
import { numbers } from './layer-case.js';
import { difference, fromTensor, RunningLayer, toTensor } from './run-layer.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function predict(model: tf.LayersModel, x: tf.Tensor): tf.Tensor {
  const y = model.predict(x);
  if (!(y instanceof tf.Tensor)) throw new Error('not one output');
  return y;
}

/** What a model file holds after a save, by way of text and bytes. */
async function saved(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let kept: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    kept = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  if (!kept?.weightData) throw new Error('nothing was saved');
  const text = JSON.stringify({ topology: kept.modelTopology, specs: kept.weightSpecs });
  const { topology, specs } = JSON.parse(text);
  return { modelTopology: topology, weightSpecs: specs, weightData: kept.weightData };
}

test.each(cases)('saved and loaded: $name', async (layerCase) => {
  const running = new RunningLayer(layerCase, !layerCase.pinned);
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(await saved(running.model)));
  expect(loaded.layers[1]).not.toBe(running.layer);
  expect(loaded.layers[1]?.getClassName()).toBe(running.layer.getClassName());
  expect(loaded.layers[1]?.getConfig()).toEqual(running.layer.getConfig());
  expect(loaded.toJSON('', false)).toEqual(running.model.toJSON('', false));
  const x = running.input();
  const [first, second] = [predict(running.model, x), predict(loaded, x)];
  expect(second.shape).toEqual(first.shape);
  expect([...second.dataSync()]).toEqual([...first.dataSync()]);
  tf.dispose([x, first, second]);
  loaded.dispose();
  running.model.dispose();
});

test.each(cases.filter(({ pinned }) => !pinned))('free sizes: $name', (layerCase) => {
  const running = new RunningLayer(layerCase, true);
  const { input, parameters } = running.example;
  const shape = input.shape.map((size, axis) => (axis < 2 ? size : size + axis - 1));
  const other = {
    shape,
    data: Float64Array.from(numbers(`${layerCase.name} larger`, elementCount(shape))),
  };
  for (const sized of [input, other]) {
    const x = toTensor(sized);
    const y = predict(running.model, x);
    expect(difference(fromTensor(y), running.example.reference(sized))).toBeLessThan(2e-6);
    tf.dispose([x, y]);
  }
  const [batch, ...rest] = running.model.outputs[0]?.shape ?? [];
  expect(batch).toBeNull();
  expect(rest.slice(0, -1).every((size) => size === null)).toBe(true);
  expect(rest.at(-1)).toBe(running.example.reference().shape[1]);
  expect(running.model.weights.length).toBe(parameters.size);
  running.model.dispose();
});
