import type { WeightsFormat, WeightsProblem } from './weights-problem.js';

/** A tensor as a file has it. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values as float32, row-major in that shape, read when they are asked for. */
  chunks(): Iterable<Float32Array>;
}

/** What a file of weights holds, before anyone asks whether it fits a network. */
export interface TensorListing {
  readonly format: WeightsFormat;
  readonly tensors: readonly StoredTensor[];
  /** Every name in the file, also those of tensors that can't be read. */
  readonly names: ReadonlySet<string>;
  /** Damage. Where one is about the whole file (its tensor is undefined), nothing else is known. */
  readonly problems: readonly WeightsProblem[];
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Collects the tensors of a file while it is walked. */
export class ListingBuilder {
  private readonly tensors: StoredTensor[] = [];
  private readonly names = new Set<string>();
  private readonly problems: WeightsProblem[] = [];

  constructor(private readonly format: WeightsFormat) {}

  add(tensor: StoredTensor): void {
    if (this.claim(tensor.name)) this.tensors.push(tensor);
  }

  /** Notes what is wrong; with a tensor's name it is about that tensor alone. */
  report(kind: WeightsProblem['kind'], tensor: string | undefined, expected: string, found: string): void {
    this.problems.push({ kind, format: this.format, tensor, expected, found });
  }

  /** Notes a tensor that is there and can't be read. */
  refuse(kind: WeightsProblem['kind'], tensor: string, expected: string, found: string): void {
    if (this.claim(tensor)) this.report(kind, tensor, expected, found);
  }

  finish(metadata: Readonly<Record<string, string>> = {}): TensorListing {
    const { format, tensors, names, problems } = this;
    return { format, tensors, names, problems, metadata };
  }

  /** Whether the name is new; a name that comes twice could mean either tensor. */
  private claim(name: string): boolean {
    if (this.names.has(name)) {
      this.report('duplicate-tensor', name, 'one tensor a name', 'there more than once');
      return false;
    }
    this.names.add(name);
    return true;
  }
}
