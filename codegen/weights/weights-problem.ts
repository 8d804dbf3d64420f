/**
 * What is wrong with a weights file. `tensor` is the tensor's name, or undefined where it is about the whole
 * file; `expected` and `found` are short texts: shapes, counts of bytes, types.
 */
export interface WeightsProblem {
  readonly kind: WeightsProblemKind;
  readonly tensor: string | undefined;
  readonly expected: string;
  readonly found: string;
}

export type WeightsProblemKind =
  | 'truncated-file'
  | 'damaged-header'
  | 'unsupported-type'
  | 'damaged-entry'
  | 'missing-tensor'
  | 'extra-tensor'
  | 'wrong-shape';

/** One sentence a problem, for people. */
export function problemText(problem: WeightsProblem): string {
  const { tensor, expected, found } = problem;
  switch (problem.kind) {
    case 'truncated-file':
      return tensor === undefined
        ? `the weights file is cut off: ${expected} expected, ${found} found`
        : `the weights file is cut off inside tensor '${tensor}': ${expected} expected, ${found} found`;
    case 'damaged-header':
      return `not a readable safetensors file: expected ${expected}, found ${found}`;
    case 'unsupported-type':
      return `tensor '${tensor}' has type ${found}; readable types are ${expected}`;
    case 'damaged-entry':
      return `the header entry of tensor '${tensor}' is damaged: expected ${expected}, found ${found}`;
    case 'missing-tensor':
      return `tensor '${tensor}' of shape ${expected} is not in the weights file`;
    case 'extra-tensor':
      return `tensor '${tensor}' of shape ${found} is in the weights file, but the network has no such parameter`;
    case 'wrong-shape':
      return `tensor '${tensor}' has shape ${found} in the weights file, but the network needs ${expected}`;
  }
}
