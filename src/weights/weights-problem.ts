/** The kinds of files that weights are read from. */
export type WeightsFormat = 'safetensors' | 'onnx' | 'tfjs' | 'pytorch';

/**
 * What is wrong with a file of weights. `tensor` is the tensor's name in the file, or undefined where it is about
 * the whole file; `expected` and `found` are short texts: shapes, counts of bytes, types, reasons.
 */
export interface WeightsProblem {
  readonly kind: WeightsProblemKind;
  readonly format: WeightsFormat;
  readonly tensor: string | undefined;
  readonly expected: string;
  readonly found: string;
  /** The network's name of the tensor, where the file has it under another one. */
  readonly parameter?: string;
  /** The name in the file that was most likely meant. */
  readonly nearest?: string;
}

export type WeightsProblemKind =
  | 'truncated-file'
  | 'damaged-header'
  | 'unsupported-type'
  | 'damaged-entry'
  | 'duplicate-tensor'
  | 'missing-file'
  | 'not-a-state-dict'
  | 'folded-model'
  | 'likely-map'
  | 'map-mismatch'
  | 'missing-tensor'
  | 'extra-tensor'
  | 'wrong-shape';

/** How a kind of file is called: what a user gave, and what it should have been. */
const words: Readonly<Record<WeightsFormat, { readonly file: string; readonly whole: string }>> = {
  safetensors: { file: 'weights file', whole: 'safetensors file' },
  onnx: { file: 'model', whole: 'ONNX model' },
  tfjs: { file: 'model', whole: 'TensorFlow.js model' },
  pytorch: { file: 'state dict', whole: 'PyTorch file' },
};

/** One sentence a problem, for people. */
export function problemText(problem: WeightsProblem): string {
  const { expected, found, nearest } = problem;
  const { file, whole } = words[problem.format];
  const tensor = `tensor '${problem.tensor}'`;
  const named = problem.parameter === undefined ? tensor : `${tensor} (${problem.parameter})`;
  switch (problem.kind) {
    case 'truncated-file':
      return problem.tensor === undefined
        ? `the ${file} is cut off: ${expected} expected, ${found} found`
        : `the ${file} is cut off inside ${tensor}: ${expected} expected, ${found} found`;
    case 'damaged-header':
      return `not a readable ${whole}: expected ${expected}, found ${found}`;
    case 'unsupported-type':
      return `${tensor} has type ${found}; readable types are ${expected}`;
    case 'damaged-entry':
      return `the ${problem.format === 'safetensors' ? 'header ' : ''}entry of ${tensor} is damaged: expected ${expected}, found ${found}`;
    case 'duplicate-tensor':
      return `${tensor} is ${found} in the ${file}; expected ${expected}`;
    case 'missing-file':
      return `the ${file} has weights in ${expected}: ${found}`;
    case 'not-a-state-dict':
      return `${found}; ${expected}`;
    case 'folded-model':
      return `${found}; ${expected}`;
    case 'likely-map':
      return `the names in the ${file} are those of the built-in map \`${expected}\`: say so with --map ${expected}`;
    case 'map-mismatch':
      return found;
    case 'missing-tensor':
      return `${named} of shape ${expected} is not in the ${file}${nearest === undefined ? '' : `; did you mean '${nearest}', which is there?`}`;
    case 'extra-tensor':
      return `${tensor} of shape ${found} is in the ${file}, but the network has no such parameter`;
    case 'wrong-shape':
      return `${named} has shape ${found} in the ${file}, but the network needs ${expected}`;
  }
}
