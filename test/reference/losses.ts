import type { LossTerm } from '../../src/language/recipes/recipe-spec.js';
import type { Loss } from '../../src/language/schema/recipe-attributes.js';

/** A batch in float64, (N, K, positions) and (N, positions). */
export interface LossExample {
  readonly samples: number;
  readonly classes: number;
  readonly positions: number;
  readonly logits: Float64Array;
  readonly labels: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly distances: ArrayLike<number>;
}

/** Losses by their formulas, element by element, in float64. */
export class ReferenceLoss {
  private readonly logP: Float64Array;
  /** log(1 - p) */
  private readonly logQ: Float64Array;
  private readonly allSamples: readonly number[];
  private readonly allClasses: readonly number[];

  constructor(
    private readonly head: 'softmax' | 'sigmoid',
    private readonly x: LossExample,
  ) {
    const { samples, classes, positions, logits } = x;
    this.allSamples = [...Array(samples).keys()];
    this.allClasses = [...Array(classes).keys()];
    this.logP = new Float64Array(logits.length);
    this.logQ = new Float64Array(logits.length);
    for (let n = 0; n < samples; n++) {
      for (let i = 0; i < positions; i++) this.probabilities(n, i);
    }
  }

  /** log p and log(1 - p) of a position: of a sigmoid, the other class has the logit 0. */
  private probabilities(n: number, i: number): void {
    const { logits } = this.x;
    for (const k of this.allClasses) {
      const own = this.at(n, k, i);
      const z = logits[own] ?? 0;
      const others = this.head === 'softmax' ? this.allClasses.filter((c) => c !== k) : [];
      const other = others.map((c) => logits[this.at(n, c, i)] ?? 0);
      const logOthers = this.head === 'softmax' ? logSumExp(other) : 0;
      const logAll = logSumExp([z, logOthers]);
      this.logP[own] = z - logAll;
      this.logQ[own] = logOthers - logAll;
    }
  }

  /** A weighted sum of losses. */
  value(terms: readonly LossTerm[]): number {
    return terms.reduce((sum, { weight, loss }) => sum + weight * this.loss(loss), 0);
  }

  /** The value where one logit is another. */
  valueWith(terms: readonly LossTerm[], index: number, logit: number): number {
    const { logits, classes, positions } = this.x;
    const before = logits[index] ?? 0;
    const [n, i] = [Math.floor(index / (classes * positions)), index % positions];
    logits[index] = logit;
    this.probabilities(n, i);
    const value = this.value(terms);
    logits[index] = before;
    this.probabilities(n, i);
    return value;
  }

  private loss(loss: Loss): number {
    switch (loss.kind) {
      case 'cross_entropy':
        return this.weightedMean((at, g) => (g ? -at.logP : 0), 'true class');
      case 'bce':
        return this.weightedMean((at, g) => -(g ? at.logP : at.logQ), 'every class');
      case 'focal': {
        const { gamma, alpha } = loss;
        const softmax = this.head === 'softmax';
        return this.weightedMean(
          ({ logP, logQ, k }, g) => {
            if (softmax && !g) return 0;
            const [logTrue, logFalse] = g ? [logP, logQ] : [logQ, logP];
            const foreground = softmax ? k > 0 : g;
            const a = alpha === undefined ? 1 : foreground ? alpha : 1 - alpha;
            return -a * Math.exp(logFalse) ** gamma * logTrue;
          },
          softmax ? 'true class' : 'every class',
        );
      }
      case 'dice': {
        const { smooth, squared, batch, background } = loss;
        return this.meanOverClasses(batch, background, (s) => {
          const all = squared ? s.pp + s.gg : s.p + s.g;
          return all + smooth === 0 ? 0 : 1 - (2 * s.pg + smooth) / (all + smooth);
        });
      }
      case 'tversky':
      case 'focal_tversky': {
        const { fp_weight, fn_weight, smooth, background } = loss;
        const exponent = loss.kind === 'tversky' ? 1 : loss.exponent;
        const mean = this.meanOverClasses(false, background, (s) => {
          const all = s.pg + fp_weight * (s.p - s.pg) + fn_weight * (s.g - s.pg) + smooth;
          const index = all === 0 ? 1 : (s.pg + smooth) / all;
          return Math.max(0, 1 - index) ** exponent;
        });
        const { classes } = this.x;
        return loss.kind === 'tversky' ? mean : mean * (background || classes === 1 ? classes : classes - 1);
      }
      case 'generalized_dice':
        return mean(this.labelledSamples().map((n) => this.generalizedDice(n, loss.smooth)));
      case 'boundary': {
        const { distances, classes } = this.x;
        const cost = this.sumOver((at, w) => w * Math.exp(at.logP) * (distances[at.index] ?? 0));
        const total = this.sumOver((_, w) => w);
        return total === 0 ? 0 : (loss.weight * cost) / (total / classes) / classes;
      }
      default:
        return loss satisfies never;
    }
  }

  /** By the weights of positions: of the true class only, or of every class on its own. */
  private weightedMean(
    cost: (at: Place, isTrue: boolean) => number,
    over: 'true class' | 'every class',
  ): number {
    const factor = (at: Place, w: number) => (over === 'every class' || at.isTrue ? w : 0);
    const total = this.sumOver(factor);
    return total === 0 ? 0 : this.sumOver((at, w) => factor(at, w) * cost(at, at.isTrue)) / total;
  }

  private meanOverClasses(batch: boolean, background: boolean, cost: (sums: Sums) => number): number {
    const counted = background || this.x.classes === 1 ? this.allClasses : this.allClasses.slice(1);
    const groups = batch ? [this.allSamples] : this.labelledSamples().map((n) => [n]);
    return mean(groups.flatMap((group) => counted.map((k) => cost(this.sums(group, k)))));
  }

  private generalizedDice(n: number, smooth: number): number {
    const sums = this.allClasses.map((k) => this.sums([n], k));
    const finite = sums.filter(({ g }) => g > 0).map(({ g }) => 1 / g ** 2);
    const largest = Math.max(...finite);
    const weights = sums.map(({ g }) => (g > 0 ? 1 / g ** 2 / largest : 1));
    const sum = (of: (s: Sums) => number) =>
      sums.reduce((total, s, k) => total + (weights[k] ?? 0) * of(s), 0);
    return 1 - (2 * sum(({ pg }) => pg) + smooth) / (sum(({ p, g }) => p + g) + smooth);
  }

  private sums(samples: readonly number[], k: number): Sums {
    const sums = { p: 0, g: 0, pg: 0, pp: 0, gg: 0 };
    const add = (at: Place, w: number) => {
      const p = Math.exp(at.logP);
      const g = at.isTrue ? 1 : 0;
      sums.p += w * p;
      sums.g += w * g;
      sums.pg += w * p * g;
      sums.pp += w * p * p;
      sums.gg += w * g * g;
      return 0;
    };
    this.sumOver(add, samples, [k]);
    return sums;
  }

  private labelledSamples(): readonly number[] {
    const { positions, weights } = this.x;
    const of = (n: number) => Array.from({ length: positions }, (_, i) => weights[n * positions + i] ?? 0);
    return this.allSamples.filter((n) => of(n).some((w) => w > 0));
  }

  /** The sum over samples, classes and the positions that have a weight. */
  private sumOver(
    term: (at: Place, weight: number) => number,
    samples: readonly number[] = this.allSamples,
    channels: readonly number[] = this.allClasses,
  ): number {
    const { classes, positions, labels, weights } = this.x;
    let sum = 0;
    for (const n of samples) {
      for (let i = 0; i < positions; i++) {
        const weight = weights[n * positions + i] ?? 0;
        if (weight === 0) continue;
        const label = labels[n * positions + i];
        for (const k of channels) {
          const index = this.at(n, k, i);
          const isTrue = label === (classes === 1 ? 1 : k);
          const place = { n, k, index, isTrue, logP: this.logP[index] ?? 0, logQ: this.logQ[index] ?? 0 };
          sum += term(place, weight);
        }
      }
    }
    return sum;
  }

  private at(n: number, k: number, i: number): number {
    return (n * this.x.classes + k) * this.x.positions + i;
  }
}

interface Place {
  readonly n: number;
  readonly k: number;
  readonly index: number;
  readonly isTrue: boolean;
  readonly logP: number;
  readonly logQ: number;
}

/** Weighted sums over positions. */
interface Sums {
  readonly p: number;
  readonly g: number;
  readonly pg: number;
  readonly pp: number;
  readonly gg: number;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
