import type { NameMapText } from './name-map.js';

/** The convs of a block, `conv1.conv`, and its norms, `norm1`, by the first number in the module. */
function convsAndNorms(layers: Readonly<Record<string, readonly [string, string]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(layers).flatMap(([layer, [module, number]]) => {
      const [place, optional] = layer.endsWith('?') ? [layer.slice(0, -1), '?'] : [layer, ''];
      const norms = ['instanceNorm', 'batchNorm', 'groupNorm'].map((kind) => [
        `${place.replace('.conv[', `.${kind}[`)}?`,
        `${module}.norm${number}`,
      ]);
      return [[`${place}${optional}`, `${module}.conv${number}.conv`], ...norms];
    }),
  );
}

/**
 * DynUNet of MONAI without residual blocks, 2D and 3D, with any of its norms: the names of `monai/networks/nets/dynunet.py`
 * (DynUNet) and `monai/networks/blocks/dynunet_block.py` (UnetBasicBlock, UnetUpBlock, UnetOutBlock). The first conv of a
 * block is the strided one, which a spec calls the pool of the level above. DynUNet registers its blocks a second time
 * under `skip_layers`.
 */
export const monaiDynUNet: NameMapText = {
  about: 'DynUNet of MONAI, 2D and 3D, with res_block=False',
  names: {
    ...convsAndNorms({
      'encoder[1].conv[{n}]': ['input_block', '{n}'],
      'pool[{l}].conv[1]': ['downsamples.{l - 1}', '1'],
      'encoder[{l}].conv[{n}]': ['downsamples.{l - 2}', '{n + 1}'],
      'pool[{depth}].conv[1]': ['bottleneck', '1'],
      'bottleneck.conv[{n}]': ['bottleneck', '{n + 1}'],
      'decoder[{l}].conv[{n}]': ['upsamples.{depth - l}.conv_block', '{n}'],
    }),
    'up[{l}].convTranspose[1]': 'upsamples.{depth - l}.transp_conv.conv',
    'head.conv[1]': 'output_block.conv.conv',
    'head[{l}].conv[1]?': 'deep_supervision_heads.{l - 2}.conv.conv',
  },
  ignore: ['skip_layers.*', 'deep_supervision_heads.*', 'heads.*'],
};
