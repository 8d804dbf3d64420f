import type {
  FindingCode,
  StateDictProblem,
  WeightsFormat,
  WeightsProblem,
} from '../diagnostics/codes/weights/weights.js';

/** A tensor in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values as float32, row-major in that shape. They are read on demand. */
  chunks(): Iterable<Float32Array>;
}

/** The contents of a weights file, before they are compared with a network. */
export interface TensorListing {
  readonly format: WeightsFormat;
  readonly tensors: readonly StoredTensor[];
  /** Every name in the file, including the names of unreadable tensors. */
  readonly names: ReadonlySet<string>;
  /** Damage. If a problem concerns the whole file (its tensor is undefined), nothing else is known. */
  readonly problems: readonly WeightsProblem[];
  /** The metadata in the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In a checkpoint, the keys of this state dict, joined by dots; empty if the tensors are at the top. */
  readonly place: string;
  /** Further state dicts of the checkpoint, in the order in which they are considered. */
  readonly others: readonly TensorListing[];
}

/** Collects the tensors of a file while a reader walks through it. */
export class ListingBuilder {
  private readonly tensors: StoredTensor[] = [];
  private readonly names = new Set<string>();
  private readonly problems: WeightsProblem[] = [];

  constructor(
    private readonly format: WeightsFormat,
    private readonly place = '',
  ) {}

  add(tensor: StoredTensor): void {
    if (this.claim(tensor.name)) this.tensors.push(tensor);
  }

  /** Adds a problem of one tensor, or of the whole file where `tensor` is undefined. */
  report(code: FindingCode, tensor: string | undefined, expected: string, found: string): void {
    this.problems.push({ code, format: this.format, tensor, expected, found });
  }

  /** Adds a tensor that cannot be read, and why. */
  refuse(code: FindingCode, tensor: string, expected: string, found: string): void {
    if (this.claim(tensor)) this.report(code, tensor, expected, found);
  }

  /** Adds the problem that the whole file is not a state dict. */
  refuseStateDict(problem: StateDictProblem): void {
    const { format } = this;
    this.problems.push({ code: 'not-a-state-dict', format, tensor: undefined, problem });
  }

  finish(metadata: Readonly<Record<string, string>> = {}): TensorListing {
    const { format, tensors, names, problems } = this;
    return { format, tensors, names, problems, metadata, place: this.place, others: [] };
  }

  /** Whether the name is new; a repeated name could mean either tensor. */
  private claim(name: string): boolean {
    if (this.names.has(name)) {
      this.report('duplicate-tensor', name, 'one tensor per name', 'several');
      return false;
    }
    this.names.add(name);
    return true;
  }
}
