import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';

/** The networks of pytorch/make_files.py, by the names of their files. */
export const torchSpecs: Readonly<Record<string, { readonly map: string; readonly spec: string }>> = {
  'unet.pth': {
    map: 'milesial',
    spec: `unet Net {
      input = 1 x 8 x 12; classes = 2; depth = 2; channels = 2; padding = same; head = logits
      norm = batch; bias = false; up = transpose(2x2, bias: true)
    }`,
  },
  'unet-bilinear-bias.pth': {
    map: 'milesial',
    spec: `unet Net {
      input = 1 x 8 x 12; classes = 2; depth = 2; channels = [2, 4, 4]; padding = same; head = logits
      norm = batch; up = bilinear(2x2, align_corners: true)
      decoder_channels = [2, 2]; decoder_block = double(first: channels(input) / 2)
    }`,
  },
  'basic-unet-3d.pth': {
    map: 'monai-basic-unet',
    spec: `unet Net {
      input = 1 x 4 x 8 x 12; classes = 2; depth = 2; channels = [2, 2, 4]; padding = same; head = logits
      norm = instance; activation = leaky_relu(0.1); up = transpose(2x2x2)
      up[1] = transpose(2x2x2, channels: keep); decoder_channels = [3, 2]
    }`,
  },
  'basic-unet-2d-prelu.pth': {
    map: 'monai-basic-unet',
    spec: `unet Net {
      input = 1 x 8 x 12; classes = 2; depth = 2; channels = [2, 2, 4]; padding = same; head = logits
      norm = instance; activation = prelu; up = transpose(2x2)
      up[1] = transpose(2x2, channels: keep); decoder_channels = [3, 2]
    }`,
  },
};

/** The one network of a text, which has no errors. */
export function compiled(spec: string): CompiledNetwork {
  const { networks, diagnostics } = compile('net.unet', spec);
  const [network] = networks;
  if (!network) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network;
}
