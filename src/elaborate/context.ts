import type { Reporter } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/span.js';
import { type Affine, affineText, evaluateAffine } from '../ir/affine.js';
import { type GraphBuilder, NODE_LIMIT } from '../ir/builder.js';
import { axisName, type Origin, type ValueId } from '../ir/graph.js';
import type { OpAttributes, OpKind } from '../ir/op-attributes.js';
import type { StagePath } from '../ir/stage-path.js';
import { useNotes } from '../language/modules/library-diagnostics.js';

/** A value, or undefined where an error was reported and what follows makes no further ones. */
export type Maybe = ValueId | undefined;

/** The steps of block expansion, at most: repetitions of nothing make no nodes, but take time. */
const STEP_LIMIT = 1_000_000;

/** What elaboration shares: the graph in the making, and where errors go. */
export class Elaboration {
  private steps = 0;
  private stopped = false;
  /**
   * The embedding of the time step, (N, C, ...ones), of a network that takes one; `unknown` while it is being made, and
   * after an error there.
   */
  time: Maybe | 'unknown';

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
    stage: StagePath,
    origin: Origin,
  ): Maybe {
    const known = inputs.filter((input) => input !== undefined);
    if (this.stopped || known.length < inputs.length) return undefined;
    const added = this.builder.add(kind, known, attributes, stage, origin);
    if (typeof added === 'number') return this.isThere(added, known[0], origin) ? added : undefined;
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

  /** Whether a value has a position at all, where its size does not depend on the input: else it never has. */
  private isThere(value: ValueId, from: ValueId | undefined, origin: Origin): boolean {
    const node = this.builder.node(value);
    const axis = node.spatial.findIndex(({ p, q, d }) => p === 0 && (d !== 1 || q < 1));
    const size = from === undefined ? undefined : this.spatial(from)[axis];
    if (axis < 0 || !size) return true;
    const text = `${node.path} gets ${evaluateAffine(size, 0)} along ${this.axisName(axis)} whatever the input, and cannot do with that`;
    const help = 'a mean over all positions leaves one: behind it stand 1x1 convs';
    this.reporter.report('contradiction', origin.span, { text }, { notes: useNotes(origin), help });
    return false;
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
    if (size.p === 0) return formula;
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
