import { NodeEmitter } from '../../../codegen/onnx/emitter.js';
import { lowerNode } from '../../../codegen/onnx/lower/lowerings.js';
import type { OnnxTensor } from '../../../codegen/onnx/tensor.js';
import type { Graph, Node, NodeOf, ValueId } from '../../ir/graph.js';
import type { OpKind } from '../../ir/op-attributes.js';
import type { Parameter } from '../../ir/parameter.js';
import { inferSizes } from '../../shape/infer.js';
import type { Gradients, Rule } from '../rule.js';
import { rules } from '../rules.js';
import { type StepBuilder, TRAINING_OPSET } from './step-builder.js';
import type { StepValue } from './step-value.js';

/** The forward half of a training step, from which the backward half can be written. */
export interface ForwardHalf {
  /** The value of each node, (N, C, ...spatial). */
  readonly values: readonly StepValue[];
  /** The inputs of the step: the image, the time step, and a mask for each dropout. */
  readonly inputs: readonly StepInput[];
  /** The running statistics after the step. */
  readonly updates: ReadonlyMap<Parameter, StepValue>;
  /**
   * Writes the backward half: the gradients of a loss by every trainable parameter that it depends on, from its gradients by
   * values of the graph.
   */
  backward(seeds: ReadonlyMap<ValueId, StepValue>): ReadonlyMap<Parameter, StepValue>;
}

/** An input of a step besides the parameters. */
export interface StepInput {
  readonly kind: 'input' | 'time' | 'mask';
  readonly value: StepValue;
  /** For a mask: the rate of the dropout. */
  readonly rate?: number;
}

/**
 * Writes the forward half of a training step: batch norms use the statistics of the batch, and dropouts have masks as inputs.
 * Everything else is lowered as in inference.
 *
 * @param size the spatial size of the input, an admissible one
 */
export function forwardHalf(
  graph: Graph,
  builder: StepBuilder,
  batch: number,
  size: readonly number[],
): ForwardHalf {
  return new Differentiation(graph, builder, batch, size);
}

class Differentiation implements ForwardHalf {
  readonly values: StepValue[] = [];
  readonly inputs: StepInput[] = [];
  readonly updates = new Map<Parameter, StepValue>();
  private readonly saved: (readonly StepValue[])[] = [];
  /** Whether each value depends on a trainable parameter, so that its gradient is needed. */
  private readonly trains: boolean[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly builder: StepBuilder,
    batch: number,
    size: readonly number[],
  ) {
    const { sizes } = inferSizes(graph, size);
    for (const node of graph.nodes) {
      const shape = [batch, node.channels, ...(sizes[node.id] ?? [])];
      this.trains.push(
        node.parameters.some(({ trainable }) => trainable) || node.inputs.some((id) => this.trains[id]),
      );
      this.forward(node, shape);
    }
  }

  backward(seeds: ReadonlyMap<ValueId, StepValue>): ReadonlyMap<Parameter, StepValue> {
    const { builder } = this;
    const { nodes } = this.graph;
    const shares = nodes.map((): StepValue[] => []);
    for (const [id, seed] of seeds) shares[id]?.push(seed);
    const gradients = new Map<Parameter, StepValue>();
    for (const node of nodes.toReversed()) {
      const [first, ...others] = shares[node.id] ?? [];
      if (!first || !this.trains[node.id]) continue;
      builder.scope = `gradient/${node.path}`;
      const dy = others.reduce((sum, share) => builder.add(sum, share), first);
      const result = this.ruleBackward(node, dy);
      for (const [i, id] of node.inputs.entries()) {
        const share = result.inputs[i];
        if (share && this.trains[id]) shares[id]?.push(share);
      }
      for (const parameter of node.parameters) {
        const gradient = result.parameters?.[parameter.role];
        if (gradient) gradients.set(parameter, gradient);
      }
    }
    return gradients;
  }

  private forward(node: Node, shape: readonly number[]): void {
    const { builder } = this;
    if (node.kind === 'input' || node.kind === 'time') {
      const value: StepValue = { name: node.kind, shape };
      this.inputs.push({ kind: node.kind, value });
      this.values.push(value);
      this.saved.push([]);
      return;
    }
    builder.scope = node.path.text;
    const { output, saved = [] } = this.ruleForward(node, shape) ?? { output: this.lowered(node, shape) };
    this.values.push(output);
    this.saved.push(saved);
  }

  /** Lowers a node as in inference. */
  private lowered(node: Node, shape: readonly number[]): StepValue {
    const { emitted } = this.builder;
    const target: OnnxTensor = { name: node.path.text, type: 'float32', shape };
    const inputs = this.inputsOf(node).map((value): OnnxTensor => ({ ...value, type: 'float32' }));
    const { name } = lowerNode(node, inputs, new NodeEmitter(emitted, node, target, TRAINING_OPSET));
    return { name, shape };
  }

  private ruleForward<K extends OpKind>(node: NodeOf<K>, shape: readonly number[]) {
    const rule: Rule<K> = rules[node.kind];
    return rule.forward?.({
      node,
      inputs: this.inputsOf(node),
      shape,
      builder: this.builder,
      parameter: (role) => this.parameter(node, role),
      mask: () => {
        const value: StepValue = { name: `${node.path}.mask`, shape };
        const rate = 'rate' in node.attributes ? Number(node.attributes.rate) : 0;
        this.inputs.push({ kind: 'mask', value, rate });
        return value;
      },
      update: (role, value) => {
        const parameter = node.parameters.find((one) => one.role === role);
        if (parameter) this.updates.set(parameter, value);
      },
    });
  }

  private ruleBackward<K extends OpKind>(node: NodeOf<K>, dy: StepValue): Gradients {
    const rule: Rule<K> = rules[node.kind];
    const output = this.values[node.id];
    if (!output) throw new Error(`${node.path} has no value`);
    return rule.backward({
      node,
      inputs: this.inputsOf(node),
      output,
      saved: this.saved[node.id] ?? [],
      dy,
      builder: this.builder,
      wants: (index) => this.trains[node.inputs[index] ?? -1] ?? false,
      parameter: (role) => this.parameter(node, role),
    });
  }

  private inputsOf(node: NodeOf<OpKind>): readonly StepValue[] {
    return node.inputs.map((id) => {
      const value = this.values[id];
      if (!value) throw new Error(`value ${id} is used before it is made`);
      return value;
    });
  }

  private parameter(node: NodeOf<OpKind>, role: Parameter['role']): StepValue | undefined {
    const parameter = node.parameters.find((one) => one.role === role);
    return parameter && { name: parameter.name, shape: parameter.shape };
  }
}
