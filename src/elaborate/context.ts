import { type Affine, affineText, evaluateAffine } from '../ir/affine.js';
import { type GraphBuilder, NODE_LIMIT } from '../ir/builder.js';
import { axisName, type Origin, type ValueId } from '../ir/graph.js';
import type { OpAttributes, OpKind } from '../ir/op-attributes.js';
import type { Note, Reporter } from '../source/diagnostic.js';
import type { Span } from '../source/span.js';

/** A value, or undefined where an error was reported and what follows makes no further ones. */
export type Maybe = ValueId | undefined;

/** The steps of block expansion, at most: repetitions of nothing make no nodes, but take time. */
const STEP_LIMIT = 1_000_000;

/** The uses of blocks that led to an op, innermost first. */
export function useNotes(origin: Pick<Origin, 'uses'>): Note[] {
  return origin.uses.map(({ block, span }) => ({ message: `in block \`${block}\`, used here`, span }));
}

/** What elaboration shares: the graph in the making, and where errors go. */
export class Elaboration {
  private steps = 0;
  private stopped = false;
  /** The embedding of the time step, (N, C, ...ones), of a network that takes one. */
  time: Maybe;

  constructor(
    readonly builder: GraphBuilder,
    readonly reporter: Reporter,
    private readonly network: Span,
    private readonly inputSize: readonly number[],
    /** The input size that the network declares, which tables of positions are made for. */
    private readonly declaredSize: readonly number[] = inputSize,
  ) {}

  /** Adds an op; undefined inputs give undefined. */
  add<K extends OpKind>(
    kind: K,
    inputs: readonly Maybe[],
    attributes: OpAttributes[K],
    stage: string,
    origin: Origin,
  ): Maybe {
    const known = inputs.filter((input) => input !== undefined);
    if (this.stopped || known.length < inputs.length) return undefined;
    const added = this.builder.add(kind, known, attributes, stage, origin);
    if (typeof added === 'number') return added;
    this.stopped = true;
    return added === 'too-many-nodes'
      ? this.tooMany(origin.span)
      : this.reporter.report(
          'size-out-of-range',
          origin.span,
          {},
          {
            help: 'strides multiply from level to level: use fewer levels or smaller strides',
          },
        );
  }

  /** Counts a step; false when the work must stop. */
  step(span: Span): boolean {
    this.steps += 1;
    if (!this.stopped && this.steps > STEP_LIMIT) {
      this.stopped = true;
      this.tooMany(span);
    }
    return !this.stopped;
  }

  channels(value: ValueId): number {
    return this.builder.node(value).channels;
  }

  spatial(value: ValueId): readonly Affine[] {
    return this.builder.node(value).spatial;
  }

  /** The sizes of a value for the declared input; rounded down where that does not fit, which is reported later. */
  declaredSizes(value: ValueId): readonly number[] {
    return this.spatial(value).map((size, axis) =>
      Math.max(1, Math.floor(evaluateAffine(size, this.declaredSize[axis] ?? 0))),
    );
  }

  axisName(axis: number): string {
    return axisName(axis, this.builder.rank);
  }

  /** A size at the network's input, and how it follows from it: `138 (H/4 - 5 of the input's H = 572)`. */
  sizeText(size: Affine, axis: number): string {
    const name = this.axisName(axis);
    const input = this.inputSize[axis] ?? 0;
    const value = evaluateAffine(size, input);
    const formula = affineText(size, name);
    if (formula === name) return `${input} (the input's)`;
    return Number.isInteger(value) && value > 0
      ? `${value} (${formula} of the input's ${name} = ${input})`
      : `${formula} of the input's`;
  }

  private tooMany(span: Span): undefined {
    return this.reporter.report(
      'too-many-nodes',
      this.network,
      { limit: NODE_LIMIT },
      {
        notes: [{ message: 'the limit was passed here', span }],
        help: 'use fewer levels or fewer repetitions',
      },
    );
  }
}
