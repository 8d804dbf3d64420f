import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import { tfjsWeights } from '../../codegen/tfjs/weight-layout.js';
import { problemText } from '../../src/diagnostics/codes/weights/weights.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { fileOf, folderOf } from './files-in-memory.js';
import { compiled } from './torch-networks.js';

test('a model that tfjs has trained and saved with its optimizer', async () => {
  await tf.setBackend('cpu');
  const { graph } = compiled(`unet Net {
    input = 1 x 8 x 8; classes = 2; depth = 1; channels = 2; padding = same; norm = batch; activation = prelu
  }`);
  const model = await buildTfjs(graph, { tf, weights: exampleWeights });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  await model.fit(tf.randomNormal([2, 8, 8, 1], 0, 1, 'float32', 1), tf.zeros([2, 8, 8, 2]));
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, { includeOptimizer: true });
  const weights = saved?.weightSpecs ?? [];
  expect(weights.filter(({ group }) => group === 'optimizer').length).toBeGreaterThan(weights.length / 2);

  const json = { format: saved?.format, weightsManifest: [{ paths: ['weights.bin'], weights }] };
  const file = fileOf(new TextEncoder().encode(JSON.stringify(json)));
  const { weightData = new ArrayBuffer(0) } = saved ?? {};
  const parts = Array.isArray(weightData) ? weightData : [weightData];
  const bytes = new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
  const openBeside = folderOf({ 'weights.bin': bytes });
  const reading = readWeights({ format: 'tfjs', file, openBeside }, graph);
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));

  // Training has moved them, and the same numbers in ONNX give the same output.
  const kernel = tfjsWeights(graph)[0]?.parameter;
  if (!kernel) throw new Error('no weights');
  expect(readTensor(reading.weights, kernel)).not.toEqual(readTensor(exampleWeights, kernel));
  const input = exampleInput(graph, 1);
  const onOrt = (await runOnnx(modelBytes(graph, { weights: reading.weights }), input)).get('output');
  const output = model.predict(tf.tensor(input.data, [1, 8, 8, 1]));
  if (Array.isArray(output)) throw new Error('one output');
  const onTfjs = tf.transpose(output, [0, 3, 1, 2]).dataSync();
  expect(relativeError(onOrt?.data ?? [], onTfjs)).toBeLessThan(1e-5);
});
