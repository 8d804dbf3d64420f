import type { Graph, ValueId } from '../ir/graph.js';
import type { InferredSizes } from '../shape/infer.js';
import { macCount, parameterCount, statisticsCount } from './count.js';
import { type Memory, peakMemory } from './memory.js';
import { receptiveField } from './receptive-field.js';

/** What is known of a network at one input size; each fact is worked out when it is asked for. */
export class Facts {
  private knownMemory: Memory | undefined;
  private readonly fields = new Map<ValueId, readonly number[]>();

  constructor(
    readonly graph: Graph,
    readonly sizes: InferredSizes,
    /** The graph that is trained, where it has more outputs than this one. */
    private readonly training: Graph = graph,
  ) {}

  get parameters(): number {
    return parameterCount(this.graph);
  }

  /** Parameters of the graph that is trained: those of its supervised heads are among them. */
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

  /** Input positions that a position of the value depends on, an entry an axis: all where there is no end to them. */
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

  /** Input minus output, an entry an axis: what the borders cost. */
  get context(): readonly number[] {
    const output = this.spatial(this.output);
    return this.spatial(0).map((size, axis) => size - (output[axis] ?? 0));
  }
}
