import type { SkipSetting } from '../../semantics/attributes.js';
import type { Maybe } from '../context.js';
import { joinAdd } from './add.js';
import { joinConcat } from './concat.js';
import { joinNone } from './none.js';
import type { SkipMode, SkipRequest } from './skip-mode.js';

type SkipKind = SkipSetting['kind'];

/** Says that the language knows the mode and this version does not make it. */
const joinUnsupported: SkipMode<SkipKind> = ({ setting, decoderLayers, origin }) =>
  decoderLayers.elaboration.reporter.report('unsupported', origin.span, {
    feature: `\`skip = ${setting.kind}\``,
  });

/** Every skip mode of the language, by name. A new mode is a file and a line here. */
const skipModes: { readonly [K in SkipKind]: SkipMode<K> } = {
  none: joinNone,
  concat: joinConcat,
  add: joinAdd,
  attention: joinUnsupported,
  nested: joinUnsupported,
};

/** Joins encoder and decoder at a level by the level's mode. */
export function joinSkip<K extends SkipKind>(request: SkipRequest<K>): Maybe {
  const mode: SkipMode<K> = skipModes[request.setting.kind];
  return mode(request);
}
