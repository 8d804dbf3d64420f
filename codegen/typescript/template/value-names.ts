import type { StagePath } from '../../../src/ir/stage-path.js';
import { layerName } from '../../tfjs/lower/layer-call.js';
import { camel, capital } from './names.js';
import type { StepTemplate } from './template.js';

/** Words for what a layer makes of a value on its way through a stage. */
const results: Readonly<Record<string, string>> = {
  concatenate: 'joined',
  add: 'sum',
  multiply: 'product',
  cropping2D: 'cropped',
  cropping: 'cropped',
  zeroPadding2d: 'padded',
  padding: 'padded',
};

/**
 * The variable of a step's value: its stage's name for a stage's last value (`encoder2`, or `encoder` in a loop), and
 * what was done for the others (`joined2`).
 */
export function valueName(
  stage: StagePath,
  step: StepTemplate | undefined,
  isLast: boolean,
  functionName: (number: number) => string,
): string {
  const number = [stage.level, stage.column].filter((part) => part !== undefined).join('_');
  const layer = step?.kind === 'layer' ? step.layer : '';
  const result = results[layer];
  // A skip that is cropped or padded is not what a reader takes a skip for.
  if (result !== undefined && (!isLast || stage.stage === 'skip')) return `${result}${number}`;
  const own = camel(layerName(stage));
  if (isLast) return own;
  return `${own}${capital(step?.kind === 'call' ? functionName(step.function) : layer)}`;
}
