import { milesial } from './milesial.js';
import { monaiBasicUNet } from './monai-basic-unet.js';
import { monaiDynUNet } from './monai-dynunet.js';
import type { NameMapText } from './name-map.js';
import { nnunetPlain, nnunetResidualEncoder } from './nnunet.js';

/** The built-in maps by name. */
export const builtInMaps: ReadonlyMap<string, NameMapText> = new Map([
  ['milesial', milesial],
  ['monai-basic-unet', monaiBasicUNet],
  ['monai-dynunet', monaiDynUNet],
  ['nnunet-plain', nnunetPlain],
  ['nnunet-residual-encoder', nnunetResidualEncoder],
]);
