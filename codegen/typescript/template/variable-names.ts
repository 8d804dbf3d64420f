import type { StagePath } from '../../../src/ir/stage-path.js';
import { layerName } from '../../tfjs/lower/layer-call.js';
import { camel, capital } from './names.js';
import type { Ref, StatementTemplate } from './template.js';

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

/** The variable of a value that several statements take, or a statement that joins values. */
export function branchName(template: readonly StatementTemplate[], statement: number): string {
  const users = template.filter(({ inputs }) => inputs.some((input) => isResultOf(input, statement)));
  const [user, ...more] = users;
  if (more.length > 0 || user?.kind !== 'layer') return 'features';
  const last = template[statement];
  switch (user.layer) {
    case 'add': {
      const [first, second] = user.inputs.map((input) => convs(template, input));
      const isSecond = isResultOf(user.inputs[1] ?? { outer: 0 }, statement);
      return isSecond === (second ?? 0) <= (first ?? 0) ? 'shortcut' : 'main';
    }
    case 'multiply':
      return last?.kind === 'layer' && last.layer === 'activation' ? 'gate' : 'features';
    case 'attention': {
      const roles = ['query', 'key', 'value'].filter((_, i) =>
        isResultOf(user.inputs[i] ?? { outer: 0 }, statement),
      );
      return roles.length === 1 && roles[0] !== undefined ? roles[0] : 'features';
    }
    default:
      return 'branch';
  }
}

function isResultOf(ref: Ref, statement: number): boolean {
  return 'statement' in ref && ref.statement === statement;
}

/** The number of convolutions and blocks before a value, back to the last join. */
function convs(template: readonly StatementTemplate[], ref: Ref): number {
  let count = 0;
  let next: Ref | undefined = ref;
  while (next && 'statement' in next) {
    const statement: StatementTemplate | undefined = template[next.statement];
    if (!statement) break;
    count += statement.kind === 'layer' ? Number(/conv/i.test(statement.layer)) : 2;
    next = statement.inputs.length === 1 ? statement.inputs[0] : undefined;
  }
  return count;
}
