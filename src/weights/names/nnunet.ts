import type { NameMapText } from './name-map.js';

/** Both norms of nnU-Net's networks, under the module of their conv: `convs.{n - 1}` gives `convs.{n - 1}.norm`. */
function convsAndNorms(layers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(layers).flatMap(([layer, module]) => {
      const [place, optional] = layer.endsWith('?') ? [layer.slice(0, -1), '?'] : [layer, ''];
      const norm = (kind: string) => [`${place.replace('.conv[', `.${kind}[`)}?`, `${module}.norm`];
      return [[`${place}${optional}`, `${module}.conv`], norm('instanceNorm'), norm('batchNorm')];
    }),
  );
}

/** The decoder and the heads of all levels are the same for both encoders. */
const decoder: NameMapText['names'] = {
  'up[{l}].convTranspose[1]': 'decoder.transpconvs.{depth - l}',
  ...convsAndNorms({ 'decoder[{l}].conv[{n}]': 'decoder.stages.{depth - l}.convs.{n - 1}' }),
  'head.conv[1]': 'decoder.seg_layers.{depth - 1}',
  'head[{l}].conv[1]?': 'decoder.seg_layers.{depth - l}',
};

/**
 * Modules that nnU-Net registers twice: the decoder knows the encoder, and a conv lists its parts again. The heads of deep
 * supervision are needed in training only.
 */
const ignore = ['decoder.encoder.*', '*.all_modules.*', 'decoder.seg_layers.*'] as const;

/**
 * PlainConvUNet of MIC-DKFZ/dynamic-network-architectures (`architectures/unet.py`, `building_blocks/plain_conv_encoder.py`,
 * `simple_conv_blocks.py`, `unet_decoder.py`), as nnU-Net builds it. The first conv of a stage is the strided one, which a
 * spec calls the pool of the level above. `specs/nnunet/plain.unet` has three of its networks.
 */
export const nnunetPlain: NameMapText = {
  about: 'PlainConvUNet of nnU-Net, 2D and 3D: specs/nnunet/plain.unet',
  names: {
    ...convsAndNorms({
      'encoder[1].conv[{n}]': 'encoder.stages.0.0.convs.{n - 1}',
      'pool[{l}].conv[1]': 'encoder.stages.{l}.0.convs.0',
      'encoder[{l}].conv[{n}]?': 'encoder.stages.{l - 1}.0.convs.{n}',
      'bottleneck.conv[{n}]?': 'encoder.stages.{depth}.0.convs.{n}',
    }),
    ...decoder,
  },
  ignore,
};

/**
 * ResidualEncoderUNet of the same package (`building_blocks/residual_encoders.py`, `residual.py`: BasicBlockD). The first
 * block of a stage is the pool of the level above; its third conv is the projection of the shortcut, where channels
 * change. The blocks of a level are called `ResBlock`, as in `specs/nnunet/residual-encoder.unet`.
 */
export const nnunetResidualEncoder: NameMapText = {
  about: 'ResidualEncoderUNet of nnU-Net, with blocks called ResBlock: specs/nnunet/residual-encoder.unet',
  names: {
    ...convsAndNorms({
      'encoder[1].conv[1]': 'encoder.stem.convs.0',
      'encoder[1].ResBlock[{b}].conv[{n}]': 'encoder.stages.0.blocks.{b - 1}.conv{n}',
      'pool[{l}].conv[{n}]': 'encoder.stages.{l}.blocks.0.conv{n}',
      'pool[{l}].conv[3]?': 'encoder.stages.{l}.blocks.0.skip.1',
      'encoder[{l}].ResBlock[{b}].conv[{n}]?': 'encoder.stages.{l - 1}.blocks.{b}.conv{n}',
      'bottleneck.ResBlock[{b}].conv[{n}]?': 'encoder.stages.{depth}.blocks.{b}.conv{n}',
    }),
    ...decoder,
  },
  ignore,
};
