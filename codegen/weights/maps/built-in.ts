import type { NameMapText } from '../name-map.js';
import { milesial } from './milesial.js';
import { monaiBasicUNet } from './monai-basic-unet.js';

/** The maps that need no file, by name. */
export const builtInMaps: ReadonlyMap<string, NameMapText> = new Map([
  ['milesial', milesial],
  ['monai-basic-unet', monaiBasicUNet],
]);
