import { type StageName, StagePath } from '../../src/ir/stage-path.js';

/** The path that a text stands for: `encoder[2]`, `node[1,3].residual[1].conv[2]`. */
export function pathOf(text: string): StagePath {
  const [first = '', ...rest] = text.split('.');
  const [name = '', ...numbers] = first.split(/[[\],]+/).filter((part) => part !== '');
  const [level, column] = numbers.map(Number);
  // Tests name stages as they like.
  const stage = StagePath.of(name as StageName, level, column);
  return rest.reduce((path, part) => {
    const [word = '', number] = part.split(/[[\]]/);
    return path.child(word, Number(number));
  }, stage);
}
