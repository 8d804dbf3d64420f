import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/span.js';
import { type Affine, affineText, evaluateAffine } from '../ir/affine.js';
import { type GraphBuilder, NODE_LIMIT } from '../ir/builder.js';
import { axisName, type Origin, type ValueId } from '../ir/graph.js';
import type { OpAttributes, OpKind } from '../ir/op-attributes.js';
import type { StagePath } from '../ir/stage-path.js';
import { atUserLine, type Use, useNotes } from '../language/modules/library-diagnostics.js';

/** A value, or undefined after an error was reported: nothing that depends on it reports another one. */
export type Maybe = ValueId | undefined;

/** The most steps of block expansion. Repeating an empty pipeline makes no nodes, but takes time. */
const STEP_LIMIT = 1_000_000;

/** What one elaboration shares: the graph in the making, and the reporter that takes its diagnostics. */
export class Elaboration {
  private steps = 0;
  private stopped = false;
  private current = new Reporter();
  /**
   * The embedding of the time step, (N, C, ...ones), if the network takes one. `unknown` while its block is expanded,
   * and after an error there.
   */
  time: Maybe | 'unknown';

  constructor(
    readonly builder: GraphBuilder,
    private readonly network: Span,
    private readonly inputSize: readonly number[],
    /** The input size that the network declares. Tables of positions have this size. */
    private readonly declaredSize: readonly number[] = inputSize,
  ) {}

  /** The reporter of the block that is being expanded; the network's reporter outside of all blocks. */
  get reporter(): Reporter {
    return this.current;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.current.diagnostics;
  }

  /** Expands a block. Its diagnostics in the library's own text move to the user's line. */
  inBlock<T>(uses: readonly Use[], expand: () => T): T {
    const outer = this.current;
    const own = new Reporter();
    this.current = own;
    try {
      return expand();
    } finally {
      this.current = outer;
      const notes = own.diagnostics.length > 0 ? useNotes({ uses }) : [];
      outer.include(own.diagnostics.map((diagnostic) => atUserLine(diagnostic, notes)));
    }
  }

  /** Adds an op. The result is undefined if an input is. */
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

  /** Whether a value has a position at all. If its size does not depend on the input, it may never have one. */
  private isThere(value: ValueId, from: ValueId | undefined, origin: Origin): boolean {
    const node = this.builder.node(value);
    const axis = node.spatial.findIndex(({ p, q, d }) => p === 0 && (d !== 1 || q < 1));
    const size = from === undefined ? undefined : this.spatial(from)[axis];
    if (axis < 0 || !size) return true;
    const args = {
      ...({ problem: 'impossible-size', op: node.path.text } as const),
      ...{ axis: this.axisName(axis), size: evaluateAffine(size, 0) },
    };
    const help = 'a mean over all positions leaves one position: use 1x1 convs after it';
    this.reporter.report('contradiction', origin.span, args, { notes: useNotes(origin), help });
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

  /** The sizes of a value for the declared input, rounded down if the input does not fit: a later pass reports that. */
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
        notes: [{ message: 'this exceeds the limit', span }],
        help: 'use fewer levels or fewer repetitions',
      },
    );
  }
}
