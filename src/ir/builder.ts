import { type Affine, INPUT_SIZE } from './affine.js';
import { mapAffine } from './axis-map.js';
import type { Graph, Node, NodeOf, Origin, SkipCrop, Stage, ValueId } from './graph.js';
import type { OpAttributes, OpKind } from './op-attributes.js';
import { recordOf } from './op-table.js';
import type { StagePath } from './stage-path.js';

/** The most nodes of a graph. A larger graph is a mistake in a spec, and memory must stay bounded. */
export const NODE_LIMIT = 100_000;

/** Why an op cannot be added. The caller knows its span in the text. */
export type BuildProblem = 'too-many-nodes' | 'size-out-of-range';

/** Makes a Graph node by node; the op table gives channels, sizes and parameters. */
export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly stages: Stage[] = [];
  private readonly crops: SkipCrop[] = [];
  private readonly outputs: { name: string; value: ValueId }[] = [];
  private readonly counters = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly rank: number,
  ) {}

  node(id: ValueId): Node {
    const node = this.nodes[id];
    if (!node) throw new Error(`no node ${id} in ${this.name}`);
    return node;
  }

  get size(): number {
    return this.nodes.length;
  }

  /**
   * Adds an op below a stage path and names it by kind and number: the second conv of `encoder[1]` is
   * `encoder[1].conv[2]`. An input of the network takes the path of its stage. Callers report inputs and attributes that
   * the op's record does not allow.
   */
  add<K extends OpKind>(
    kind: K,
    inputs: readonly ValueId[],
    attributes: OpAttributes[K],
    stage: StagePath,
    origin: Origin,
  ): ValueId | BuildProblem {
    if (this.nodes.length >= NODE_LIMIT) return 'too-many-nodes';
    const record = recordOf(kind);
    const channelsIn = inputs.map((id) => this.node(id).channels);
    const first = inputs[0];
    const before: readonly Affine[] =
      first === undefined ? Array.from({ length: this.rank }, () => INPUT_SIZE) : this.node(first).spatial;
    const spatial: Affine[] = [];
    for (const [axis, size] of before.entries()) {
      const mapped = mapAffine(record.axis(attributes, axis), size);
      if (!mapped || mapped.d > 2 ** 31 || mapped.p > 2 ** 31) return 'size-out-of-range';
      spatial.push(mapped);
    }
    const path = record.source ? stage : this.childPath(stage, kind);
    const node: NodeOf<K> = {
      id: this.nodes.length,
      kind,
      inputs,
      attributes,
      channels: record.channels(attributes, channelsIn),
      spatial,
      path,
      origin,
      parameters: record
        .parameters(attributes, channelsIn[0] ?? 0, this.rank)
        .map((parameter) => ({ ...parameter, name: `${path.text}.${parameter.role}` })),
    };
    // NodeOf<K> for a K in OpKind is a member of the union; TypeScript does not distribute over a generic K.
    this.nodes.push(node as unknown as Node);
    return node.id;
  }

  /** The next free name of a kind below a path. */
  childPath(parent: StagePath, kind: string): StagePath {
    const key = `${parent.text}.${kind}`;
    const number = (this.counters.get(key) ?? 0) + 1;
    this.counters.set(key, number);
    return parent.child(kind, number);
  }

  stage(path: StagePath, value: ValueId): void {
    this.stages.push({ path, value });
  }

  crop(crop: SkipCrop): void {
    this.crops.push(crop);
  }

  output(name: string, value: ValueId): void {
    this.outputs.push({ name, value });
  }

  finish(inputSize: readonly number[]): Graph {
    const { name, rank, nodes, outputs, stages, crops } = this;
    return { name, rank, inputSize, nodes, outputs, stages, crops };
  }
}
