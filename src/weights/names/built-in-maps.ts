import { milesial } from './milesial.js';
import { monaiBasicUNet } from './monai-basic-unet.js';
import type { NameMapText } from './name-map.js';

/** The maps that need no file, by name. */
export const builtInMaps: ReadonlyMap<string, NameMapText> = new Map([
  ['milesial', milesial],
  ['monai-basic-unet', monaiBasicUNet],
]);
