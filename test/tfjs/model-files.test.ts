import { describe, expect, test } from 'vitest';
import { customClassNames } from '../../codegen/tfjs/layers/config.js';
import { modelFiles } from '../../codegen/tfjs/model-files.js';
import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { bytesOf } from '../onnx/run-onnx.js';
import { specNetwork } from '../specs/spec-files.js';

function filesOf(network: CompiledNetwork, dynamic = false) {
  const files = modelFiles(network.graph, { weights: seededWeights(1), dynamic, metadata: { key: 'value' } });
  const [model, ...shards] = files;
  const json = JSON.parse(new TextDecoder().decode(bytesOf(model?.chunks ?? [])));
  return { json, shards };
}

/** The classes of the layers that tfjs must have been told of. */
function customLayers(json: {
  modelTopology: { config: { layers: { class_name: string }[] } };
}): Set<string> {
  const own = new Set(Object.values(customClassNames));
  return new Set(
    json.modelTopology.config.layers.map((layer) => layer.class_name).filter((name) => own.has(name)),
  );
}

describe('the files of a model', () => {
  test('the 2D networks of specs/ need no layers that tfjs lacks, unless they interpolate on pixel centres', () => {
    expect(customLayers(filesOf(specNetwork('unet2d.unet', 'UNet2D')).json)).toEqual(new Set());
    const padded = specNetwork('unet2d-padded.unet', 'UNet2DPadded');
    expect(customLayers(filesOf(padded).json)).toEqual(new Set());
    expect(customLayers(filesOf(padded, true).json)).toEqual(new Set());
    expect(customLayers(filesOf(specNetwork('unet3d.unet', 'UNet3D')).json)).toEqual(
      new Set(['UnetCropping', 'UnetBatchNormalization', 'UnetConvTranspose']),
    );
  });

  test('the manifest lists every shard, and its weights fill it', () => {
    const network = specNetwork('unet2d.unet', 'UNet2D');
    const { json, shards } = filesOf(network);
    expect(shards.length).toBeGreaterThan(3);
    const groups: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[] =
      json.weightsManifest;
    expect(groups.flatMap(({ paths }) => paths)).toEqual(shards.map(({ path }) => path));
    for (const [i, { weights }] of groups.entries()) {
      const elements = weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
      expect(shards[i]?.size).toBe(4 * elements);
      expect(bytesOf(shards[i]?.chunks ?? []).length).toBe(4 * elements);
    }
    const listed = groups.flatMap(({ weights }) => weights);
    expect(new Set(listed.map(({ name }) => name)).size).toBe(parametersOf(network.graph).length);
    expect(json).toMatchObject({ format: 'layers-model', userDefinedMetadata: { key: 'value' } });
  });

  test('free sizes are null in the input, and the declared ones are there otherwise', () => {
    const text = 'unet A { input = 2 x 8 x 12 x 16  classes = 2  depth = 1  channels = 2  padding = same }';
    const [network] = compile('a.unet', text).networks;
    if (!network) throw new Error('it compiles');
    const shapeOf = (dynamic: boolean) =>
      filesOf(network, dynamic).json.modelTopology.config.layers[0].config.batch_input_shape;
    expect(shapeOf(false)).toEqual([null, 8, 12, 16, 2]);
    expect(shapeOf(true)).toEqual([null, null, null, null, 2]);
  });
});
