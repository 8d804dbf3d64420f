import { Failure, failure } from '../../diagnostics/failure.js';
import type { Session } from '../engine.js';
import { shapeText, type Tensor } from '../tensor.js';

/** A stage of a network, and the outputs of two sessions that have its value. */
export interface ComparedStage {
  readonly stage: string;
  readonly first: string;
  readonly second: string;
}

/** How far two engines are apart at a stage, over all windows so far. */
export interface StageDifference {
  readonly stage: string;
  /** (N, C, ...spatial) of the last window. */
  readonly shape: readonly number[];
  /** The largest difference between two elements. */
  readonly difference: number;
  /** The largest magnitude of the first engine's elements. */
  readonly magnitude: number;
}

export interface EngineComparison {
  /** Runs both engines on each input, and returns the outputs of the first. Closing it closes both. */
  readonly session: Session;
  /** The differences so far, in the order of the stages. */
  differences(): readonly StageDifference[];
}

/** Two sessions of the same network; every window runs on both. NaN in only one of them is an infinite difference. */
export function compareEngines(
  first: Session,
  second: Session,
  stages: readonly ComparedStage[],
): EngineComparison {
  const seen = new Map<string, StageDifference>();
  const session: Session = {
    inputs: first.inputs,
    outputs: first.outputs,
    metadata: first.metadata,
    async run(input, others) {
      const a = await first.run(input, others);
      if (a instanceof Failure) return a;
      const b = await second.run(input, others);
      if (b instanceof Failure) return b;
      for (const { stage, ...names } of stages) {
        const [x, y] = [a.get(names.first), b.get(names.second)];
        if (!x || !y) throw new Error(`a session has no output for ${stage}`);
        if (shapeText(x.shape) !== shapeText(y.shape)) {
          return failure('engines-disagree', {
            stage,
            found: { case: 'shape', first: x.shape, second: y.shape },
          });
        }
        seen.set(stage, combined(seen.get(stage), differenceOf(stage, x, y)));
      }
      return a;
    },
    async close() {
      await Promise.all([first.close(), second.close()]);
    },
  };
  return { session, differences: () => stages.flatMap(({ stage }) => seen.get(stage) ?? []) };
}

function differenceOf(stage: string, { shape, data }: Tensor, other: Tensor): StageDifference {
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < data.length; i += 1) {
    const [a, b] = [data[i] ?? 0, other.data[i] ?? 0];
    const apart = Object.is(a, b) ? 0 : Math.abs(a - b);
    difference = Math.max(difference, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
    magnitude = Math.max(magnitude, Math.abs(a));
  }
  return { stage, shape, difference, magnitude };
}

function combined(a: StageDifference | undefined, b: StageDifference): StageDifference {
  if (!a) return b;
  const difference = Math.max(a.difference, b.difference);
  return { ...b, difference, magnitude: Math.max(a.magnitude, b.magnitude) };
}
