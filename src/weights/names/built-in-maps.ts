import { milesial } from './milesial.js';
import { monaiBasicUNet } from './monai-basic-unet.js';
import type { NameMapText } from './name-map.js';

/** The built-in maps by name. */
export const builtInMaps: ReadonlyMap<string, NameMapText> = new Map([
  ['milesial', milesial],
  ['monai-basic-unet', monaiBasicUNet],
]);
