import type { NameMapText } from './name-map.js';

/**
 * BasicUNet of MONAI with `upsample="deconv"`, its default, in 2D and 3D, with any of its norms: the names of
 * `monai/networks/nets/basic_unet.py` (TwoConv, Down, UpCat), `monai/networks/blocks/convolutions.py` (conv, adn),
 * `acti_norm.py` (N, A) and `upsample.py` (deconv).
 */
export const monaiBasicUNet: NameMapText = {
  about: 'BasicUNet of MONAI, 2D and 3D, with upsample="deconv"',
  names: {
    'encoder[1].conv[{n}]': 'conv_0.conv_{n - 1}.conv',
    'encoder[1].instanceNorm[{n}]?': 'conv_0.conv_{n - 1}.adn.N',
    'encoder[1].batchNorm[{n}]?': 'conv_0.conv_{n - 1}.adn.N',
    'encoder[1].groupNorm[{n}]?': 'conv_0.conv_{n - 1}.adn.N',
    'encoder[1].prelu[{n}]?': 'conv_0.conv_{n - 1}.adn.A',
    'encoder[{l}].conv[{n}]': 'down_{l - 1}.convs.conv_{n - 1}.conv',
    'encoder[{l}].instanceNorm[{n}]?': 'down_{l - 1}.convs.conv_{n - 1}.adn.N',
    'encoder[{l}].batchNorm[{n}]?': 'down_{l - 1}.convs.conv_{n - 1}.adn.N',
    'encoder[{l}].groupNorm[{n}]?': 'down_{l - 1}.convs.conv_{n - 1}.adn.N',
    'encoder[{l}].prelu[{n}]?': 'down_{l - 1}.convs.conv_{n - 1}.adn.A',
    'bottleneck.conv[{n}]': 'down_{depth}.convs.conv_{n - 1}.conv',
    'bottleneck.instanceNorm[{n}]?': 'down_{depth}.convs.conv_{n - 1}.adn.N',
    'bottleneck.batchNorm[{n}]?': 'down_{depth}.convs.conv_{n - 1}.adn.N',
    'bottleneck.groupNorm[{n}]?': 'down_{depth}.convs.conv_{n - 1}.adn.N',
    'bottleneck.prelu[{n}]?': 'down_{depth}.convs.conv_{n - 1}.adn.A',
    'up[{l}].convTranspose[1]': 'upcat_{l}.upsample.deconv',
    'decoder[{l}].conv[{n}]': 'upcat_{l}.convs.conv_{n - 1}.conv',
    'decoder[{l}].instanceNorm[{n}]?': 'upcat_{l}.convs.conv_{n - 1}.adn.N',
    'decoder[{l}].batchNorm[{n}]?': 'upcat_{l}.convs.conv_{n - 1}.adn.N',
    'decoder[{l}].groupNorm[{n}]?': 'upcat_{l}.convs.conv_{n - 1}.adn.N',
    'decoder[{l}].prelu[{n}]?': 'upcat_{l}.convs.conv_{n - 1}.adn.A',
    'head.conv[1]': 'final_conv',
  },
};
