import type { NameMapText } from './name-map.js';

/**
 * The U-Net of github.com/milesial/Pytorch-UNet: the names of `unet/unet_parts.py` (DoubleConv, Down, Up, OutConv)
 * and `unet/unet_model.py` (UNet). They are the same for `bilinear=True` and `bilinear=False`, and for older versions,
 * whose convolutions have biases before their norms. `specs/unet2d-padded.unet` has both networks.
 */
export const milesial: NameMapText = {
  about: 'UNet of github.com/milesial/Pytorch-UNet: specs/unet2d-padded.unet has its two networks',
  names: {
    'encoder[1].conv[{n}]': 'inc.double_conv.{3*n - 3}',
    'encoder[1].batchNorm[{n}]': 'inc.double_conv.{3*n - 2}',
    'encoder[{l}].conv[{n}]': 'down{l - 1}.maxpool_conv.1.double_conv.{3*n - 3}',
    'encoder[{l}].batchNorm[{n}]': 'down{l - 1}.maxpool_conv.1.double_conv.{3*n - 2}',
    'bottleneck.conv[{n}]': 'down{depth}.maxpool_conv.1.double_conv.{3*n - 3}',
    'bottleneck.batchNorm[{n}]': 'down{depth}.maxpool_conv.1.double_conv.{3*n - 2}',
    'up[{l}].convTranspose[1]?': 'up{depth + 1 - l}.up',
    'decoder[{l}].conv[{n}]': 'up{depth + 1 - l}.conv.double_conv.{3*n - 3}',
    'decoder[{l}].batchNorm[{n}]': 'up{depth + 1 - l}.conv.double_conv.{3*n - 2}',
    'head.conv[1]': 'outc.conv',
  },
};
