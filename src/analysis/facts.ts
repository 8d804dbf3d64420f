import type { Graph, ValueId } from '../ir/graph.js';
import type { InferredSizes } from '../shape/infer.js';
import { macCount, parameterCount, statisticsCount } from './count.js';
import { type Memory, peakMemory } from './memory.js';
import { receptiveField } from './receptive-field.js';

/** The facts about a network at one input size. Each is computed on first use. */
export class Facts {
  private knownMemory: Memory | undefined;
  private readonly fields = new Map<ValueId, readonly number[]>();

  constructor(
    readonly graph: Graph,
    readonly sizes: InferredSizes,
    /** The training graph, if it has more outputs than this one. */
    private readonly training: Graph = graph,
  ) {}

  get parameters(): number {
    return parameterCount(this.graph);
  }

  /** The parameters of the training graph, including its supervised heads. */
  get trainingParameters(): number {
    return parameterCount(this.training);
  }

  get statistics(): number {
    return statisticsCount(this.graph);
  }

  get macs(): number {
    return macCount(this.graph, this.sizes);
  }

  get memory(): Memory {
    this.knownMemory ??= peakMemory(this.graph, this.sizes);
    return this.knownMemory;
  }

  /**
   * The number of input positions that a position of the value depends on, one entry per axis: all positions if the
   * field is unbounded.
   */
  receptiveField(value: ValueId): readonly number[] {
    const known =
      this.fields.get(value) ??
      receptiveField(this.graph, value).map((size, axis) =>
        Number.isFinite(size) ? size : (this.spatial(0)[axis] ?? size),
      );
    this.fields.set(value, known);
    return known;
  }

  spatial(value: ValueId): readonly number[] {
    return this.sizes.sizes[value] ?? [];
  }

  /** The value of a stage: `encoder[2]`, `output`. */
  stage(name: string): ValueId | undefined {
    return this.graph.stages.find(({ path }) => path.text === name)?.value;
  }

  get output(): ValueId {
    return this.graph.outputs[0]?.value ?? 0;
  }

  /** Input size minus output size, one entry per axis: the positions that valid convolutions lose at the borders. */
  get context(): readonly number[] {
    const output = this.spatial(this.output);
    return this.spatial(0).map((size, axis) => size - (output[axis] ?? 0));
  }
}
