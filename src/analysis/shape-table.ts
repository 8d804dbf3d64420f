import type { Graph, Node } from '../ir/graph.js';
import type { StagePath } from '../ir/stage-path.js';
import { nodeMacs, nodeParameters, sumOf } from './count.js';
import type { Facts } from './facts.js';
import type { Memory } from './memory.js';

/** The shape of a feature map without the batch: channels, and one size per axis. */
export interface MapShape {
  readonly channels: number;
  readonly spatial: readonly number[];
}

export interface StageRow extends MapShape {
  readonly stage: string;
  readonly params: number;
  readonly macs: number;
  /** The number of input positions that one position depends on, one entry per axis. */
  readonly receptiveField: readonly number[];
}

/** The output of `unet table --json`, which is stable. */
export interface ShapeTable {
  readonly network: string;
  readonly input: MapShape;
  readonly output: MapShape;
  readonly stages: readonly StageRow[];
  readonly params: number;
  readonly trainableParams: number;
  /** Parameters of the training graph: more than `params` if it has supervised heads that inference drops. */
  readonly trainingParams: number;
  /** Elements of running statistics: saved with the weights, but not parameters. */
  readonly statistics: number;
  readonly macs: number;
  /** Bytes, one sample, float32. */
  readonly memory: Memory;
  /** By level, the positions cropped at each side, one entry per axis. */
  readonly crops: Readonly<Record<string, readonly number[]>>;
  /** Input size minus output size, one entry per axis. */
  readonly context: readonly number[];
}

/** The table of a network at the input size of its facts. */
export function shapeTable(facts: Facts): ShapeTable {
  const { graph } = facts;
  const stages = graph.stages.map(({ path, value }): StageRow => {
    const nodes = nodesOf(graph, path);
    return {
      stage: path.text,
      channels: graph.nodes[value]?.channels ?? 0,
      spatial: facts.spatial(value),
      params: sumOf(nodes.map(nodeParameters)),
      macs: sumOf(nodes.map((node) => nodeMacs(graph, node, facts.sizes))),
      receptiveField: facts.receptiveField(value),
    };
  });
  const shapeOf = (value: number): MapShape => ({
    channels: graph.nodes[value]?.channels ?? 0,
    spatial: facts.spatial(value),
  });
  return {
    network: graph.name,
    input: shapeOf(0),
    output: shapeOf(facts.output),
    stages,
    params: facts.parameters,
    trainableParams: facts.parameters,
    trainingParams: facts.trainingParameters,
    statistics: facts.statistics,
    macs: facts.macs,
    memory: facts.memory,
    crops: Object.fromEntries(graph.crops.map(({ level, before }) => [String(level), before])),
    context: facts.context,
  };
}

/** The nodes of a stage; the nodes of the head belong to the output. */
function nodesOf(graph: Graph, stage: StagePath): readonly Node[] {
  const named = new Set(graph.stages.map(({ path }) => path.text));
  return graph.nodes.filter(({ path: { root } }) => {
    // A head that is not an output of its own is a part of the network's output.
    const isPart = stage.stage === 'output' && root.stage === 'head' && !named.has(root.text);
    return isPart || root.equals(stage);
  });
}
