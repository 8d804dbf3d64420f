import type { SkipSetting } from '../../language/schema/attributes.js';
import { joinAdd } from './add.js';
import { joinAttention } from './attention.js';
import { joinConcat } from './concat.js';
import { every } from './every.js';
import { nested } from './nested.js';
import type { SkipMode } from './skip-mode.js';

type SkipKind = SkipSetting['kind'];

/** All skip modes of the language, by name. A new mode needs a file and a line here. */
const skipModes: { readonly [K in SkipKind]: SkipMode<K> } = {
  none: { join: ({ up }) => up },
  concat: { join: joinConcat },
  add: { join: joinAdd },
  attention: { join: joinAttention },
  nested,
  every,
};

/** The mode of a setting, by its name. */
export function skipMode<K extends SkipKind>(setting: SkipSetting & { readonly kind: K }): SkipMode<K> {
  return skipModes[setting.kind];
}
