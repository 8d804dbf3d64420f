import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { parametersOf } from '../../src/ir/graph.js';
import { slotsByMap } from '../../src/weights/bind/slots-by-map.js';
import { builtInMaps } from '../../src/weights/names/built-in-maps.js';
import { compileNameMap, type NameMap } from '../../src/weights/names/name-map.js';
import { compiled } from './torch-networks.js';

describe('built-in maps fit the networks that they are for', () => {
  const networksOf = (path: string) => {
    const file = join(import.meta.dirname, '../../specs', path);
    return compile(file, readFileSync(file, 'utf8')).networks;
  };
  const plain = networksOf('nnunet/plain.unet').map(
    (network) => [network.name, 'nnunet-plain', network] as const,
  );
  const residual = networksOf('nnunet/residual-encoder.unet').map(
    (network) => [network.name, 'nnunet-residual-encoder', network] as const,
  );

  test.each([
    ...plain,
    ...residual,
  ])('%s by %s, with the heads of training and without', (_name, map, network) => {
    for (const graph of [network.graph, network.training]) {
      const mapped = slotsByMap(graph, builtIn(map));
      expect(mapped).toMatchObject({ ok: true });
      expect(mapped.ok && mapped.slots.length).toBe(parametersOf(graph).length);
    }
  });

  // By the classes PlainConvUNet and ResidualEncoderUNet of dynamic-network-architectures 0.4.4, of 6 stages.
  test.each<[string, string, Record<string, string>]>([
    [
      'NnUNet3D',
      'nnunet-plain',
      {
        'encoder[1].conv[2].bias': 'encoder.stages.0.0.convs.1.conv.bias',
        'pool[1].conv[1].weight': 'encoder.stages.1.0.convs.0.conv.weight',
        'encoder[2].instanceNorm[1].scale': 'encoder.stages.1.0.convs.1.norm.weight',
        'pool[5].instanceNorm[1].shift': 'encoder.stages.5.0.convs.0.norm.bias',
        'bottleneck.conv[1].weight': 'encoder.stages.5.0.convs.1.conv.weight',
        'up[5].convTranspose[1].weight': 'decoder.transpconvs.0.weight',
        'decoder[1].conv[2].weight': 'decoder.stages.4.convs.1.conv.weight',
        'head.conv[1].weight': 'decoder.seg_layers.4.weight',
        'head[5].conv[1].bias': 'decoder.seg_layers.0.bias',
      },
    ],
    [
      'NnUNetResEnc',
      'nnunet-residual-encoder',
      {
        'encoder[1].conv[1].weight': 'encoder.stem.convs.0.conv.weight',
        'encoder[1].ResBlock[1].conv[2].weight': 'encoder.stages.0.blocks.0.conv2.conv.weight',
        'pool[1].conv[1].weight': 'encoder.stages.1.blocks.0.conv1.conv.weight',
        'pool[1].instanceNorm[3].scale': 'encoder.stages.1.blocks.0.skip.1.norm.weight',
        'encoder[2].ResBlock[2].instanceNorm[1].shift': 'encoder.stages.1.blocks.2.conv1.norm.bias',
        'bottleneck.ResBlock[5].conv[2].bias': 'encoder.stages.5.blocks.5.conv2.conv.bias',
        'decoder[5].conv[1].weight': 'decoder.stages.0.convs.0.conv.weight',
      },
    ],
  ])('the names in %s by %s', (name, map, names) => {
    const found = [...plain, ...residual].find(([one]) => one === name);
    const mapped = found && slotsByMap(found[2].training, builtIn(map));
    if (!mapped?.ok) throw new Error('the map does not fit');
    const all = Object.fromEntries(mapped.slots.map(({ parameter, name: other }) => [parameter.name, other]));
    expect(all).toMatchObject(names);
  });

  test('MONAI DynUNet of two and of one level below the first', () => {
    for (const depth of [1, 2]) {
      const { graph: dyn } = compiled(`unet Net {
        input = 1 x 8 x 8; classes = 2; depth = ${depth}; channels = 2; padding = same; norm = group(groups: 1); bias = false
        repeat = [2${', 1'.repeat(depth)}]; pool = strided; up = transpose(channels: skip); decoder_block = double(n: 2)
      }`);
      const mapped = slotsByMap(dyn, builtIn('monai-dynunet'));
      if (!mapped.ok) throw new Error(JSON.stringify(mapped.problems));
      const all = Object.fromEntries(mapped.slots.map(({ parameter, name }) => [parameter.name, name]));
      expect(all).toMatchObject({
        'encoder[1].conv[2].weight': 'input_block.conv2.conv.weight',
        'encoder[1].groupNorm[2].scale': 'input_block.norm2.weight',
        [`pool[${depth}].conv[1].weight`]: 'bottleneck.conv1.conv.weight',
        'bottleneck.conv[1].weight': 'bottleneck.conv2.conv.weight',
        [`up[${depth}].convTranspose[1].weight`]: 'upsamples.0.transp_conv.conv.weight',
        'decoder[1].groupNorm[1].shift': `upsamples.${depth - 1}.conv_block.norm1.bias`,
        'head.conv[1].bias': 'output_block.conv.conv.bias',
        ...(depth === 2 ? { 'pool[1].conv[1].weight': 'downsamples.0.conv1.conv.weight' } : {}),
      });
    }
  });
});

function builtIn(name: string): NameMap {
  const text = builtInMaps.get(name);
  const reading = text && compileNameMap(text);
  if (!reading?.ok) throw new Error(`no map ${name}`);
  return reading.map;
}
