import type { LayersModel } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { type Examples, examplesFor, lossesOf } from './examples-to-learn.js';
import { engines, toTensor, useEngine } from './run-tfjs.js';
import { smallNets } from './small-nets.js';

/** Through the bytes that a file would have. */
async function savedAndLoaded(tf: Tf, model: LayersModel, includeOptimizer: boolean): Promise<LayersModel> {
  let text = '';
  let data: ArrayBuffer | ArrayBuffer[] | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ weightData, ...rest }) => {
      text = JSON.stringify(rest);
      data = weightData;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
    { includeOptimizer },
  );
  const artifacts = { ...JSON.parse(text), weightData: data };
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}

/** As JSON has it: tfjs leaves an argument that was not given undefined, and reads it back as null. */
function plain(config: object): unknown {
  return JSON.parse(JSON.stringify(config, (_key, value) => (value === undefined ? null : value)));
}

function predictionOf(tf: Tf, model: LayersModel, network: (typeof smallNets)[number]): Float32Array {
  return tf.tidy(() => {
    const output = model.predict(toTensor(tf, exampleInput(network.graph, 2)));
    if (Array.isArray(output)) throw new Error('one output was expected');
    return Float32Array.from(output.dataSync());
  });
}

/** What `evaluate` says. */
function lossOf(tf: Tf, model: LayersModel, { x, y }: Examples): number {
  return tf.tidy(() => {
    const loss = model.evaluate(x, y, { batchSize: 2 });
    if (Array.isArray(loss)) throw new Error('one loss was expected');
    return loss.dataSync()[0] ?? Number.NaN;
  });
}

async function optimizerState(
  model: LayersModel,
): Promise<readonly (readonly [string, readonly number[]])[]> {
  const weights = await model.optimizer.getWeights();
  return weights.map(({ name, tensor }) => [name, [...tensor.dataSync()]]);
}

describe.each(engines)('on %s', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  test.each(smallNets)('$name predicts the same after a save and a load', async (network) => {
    const model = await buildTfjs(network.graph, {
      tf,
      weights: exampleWeights,
      dynamic: true,
      metadata: { 'unet.network': network.name },
    });
    const loaded = await savedAndLoaded(tf, model, false);
    expect(predictionOf(tf, loaded, network)).toEqual(predictionOf(tf, model, network));
    expect(plain(loaded.getConfig())).toEqual(plain(model.getConfig()));
    expect(loaded.getUserDefinedMetadata()).toEqual({ 'unet.network': network.name });
    model.dispose();
    loaded.dispose();
  });

  test.each(smallNets)('$name goes on training from its optimizer state', async (network) => {
    const model = await buildTfjs(network.graph, { tf, weights: seededWeights(2) });
    model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
    const examples = examplesFor(tf, network, 4);
    await lossesOf(model, examples, 4, 2);
    const loaded = await savedAndLoaded(tf, model, true);
    const state = await optimizerState(loaded);
    expect(state).toEqual(await optimizerState(model));
    expect(state.length).toBeGreaterThan(model.trainableWeights.length);
    expect(predictionOf(tf, loaded, network)).toEqual(predictionOf(tf, model, network));
    expect(lossOf(tf, loaded, examples)).toBe(lossOf(tf, model, examples));
    const after = await lossesOf(loaded, examples, 4, 2);
    expect(after).toEqual(await lossesOf(model, examples, 4, 2));
    expect(predictionOf(tf, loaded, network)).toEqual(predictionOf(tf, model, network));
    tf.dispose([examples.x, examples.y]);
    model.dispose();
    loaded.dispose();
  });
});
