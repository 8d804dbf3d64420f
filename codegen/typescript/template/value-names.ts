import type { StagePath } from '../../../src/ir/stage-path.js';
import { layerName } from '../../tfjs/lower/layer-call.js';
import { camel, capital } from './names.js';
import type { StatementTemplate } from './template.js';

/** Names for the results of layers inside a stage. */
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
 * The variable of a statement's value: the name of the stage for its last value (`encoder2`, or `encoder` in a loop),
 * and the result of the layer for other values (`joined2`).
 */
export function valueName(
  stage: StagePath,
  statement: StatementTemplate | undefined,
  isLast: boolean,
  functionName: (number: number) => string,
): string {
  const number = [stage.level, stage.column].filter((part) => part !== undefined).join('_');
  const layer = statement?.kind === 'layer' ? statement.layer : '';
  const result = results[layer];
  // A skip that is cropped or padded is not called `skip`, because readers expect the skip itself.
  if (result !== undefined && (!isLast || stage.stage === 'skip')) return `${result}${number}`;
  const own = camel(layerName(stage));
  if (isLast) return own;
  return `${own}${capital(statement?.kind === 'call' ? functionName(statement.function) : layer)}`;
}
