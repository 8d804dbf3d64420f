import type { ModelDifference } from '../../diagnostics/codes/images.js';
import type { PredictModel } from './predict-model.js';

/** In what two models differ so that their outputs cannot be averaged; undefined where nothing is known to differ. */
export function modelDifference(one: PredictModel, other: PredictModel): ModelDifference | undefined {
  if (one.channels !== other.channels) return 'channels';
  if (one.rank !== other.rank) return 'rank';
  if (one.head.head !== other.head.head) return 'head';
  if (one.outputChannels !== other.outputChannels) return 'classes';
  if (one.rule.kind !== other.rule.kind) return 'labels';
  if (one.orientation !== other.orientation) return 'orientation';
  if (differ(one.classNames, other.classNames)) return 'class-names';
  if (differ(one.channelNames, other.channelNames)) return 'channel-names';
  return differ(one.sliceAxis, other.sliceAxis) ? 'slice-axis' : undefined;
}

/** A model that does not say something agrees with all others. */
function differ(one: string | readonly string[] | undefined, other: string | readonly string[] | undefined) {
  return one !== undefined && other !== undefined && JSON.stringify(one) !== JSON.stringify(other);
}
