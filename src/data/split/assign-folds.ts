/** A group as the folds see it. */
export interface FoldItem {
  /** Its number of samples. */
  readonly size: number;
  /** How many of its samples show each class. */
  readonly shows: readonly number[];
}

/** No more exchanges are tried than this: the folds of some ten thousand groups take about a second. */
const MOST_TRIALS = 20_000_000;

/** The sums of a fold while it is filled. */
interface Fold {
  readonly items: Set<number>;
  size: number;
  readonly shows: number[];
}

/**
 * The fold of each item, from 0. First, the sizes of the folds are made as equal as exchanges can make them; then, without
 * a loss of that, the numbers of samples that show each class. Large items and rare classes are placed first, each into the
 * smallest fold; then pairs of items are exchanged as long as that helps. Equal items keep the given order, so the result
 * depends on it alone.
 */
export function assignFolds(items: readonly FoldItem[], count: number): Int32Array {
  const classes = Math.max(0, ...items.map(({ shows }) => shows.length));
  const totals = Array.from({ length: classes }, (_, label) =>
    items.reduce((sum, { shows }) => sum + (shows[label] ?? 0), 0),
  );
  const assignment = new Assignment(items, totals, count);
  const rarest = items.map(({ shows }) => Math.min(...totals.filter((_, label) => (shows[label] ?? 0) > 0)));
  const order = [...items.keys()].sort(
    // Both are indices of items.
    (a, b) =>
      sizeOf(items[b]) - sizeOf(items[a]) || difference(rarest[a] as number, rarest[b] as number) || a - b,
  );
  for (const item of order) assignment.place(item);
  assignment.improve();
  return assignment.folds;
}

const sizeOf = (item: FoldItem | undefined) => item?.size ?? 0;

/** 0 for two infinities, whose difference is NaN. */
const difference = (a: number, b: number) => (a === b ? 0 : a - b);

class Assignment {
  readonly folds: Int32Array;
  private readonly parts: readonly Fold[];
  private trials = 0;

  constructor(
    private readonly items: readonly FoldItem[],
    /** How many samples show each class. */
    private readonly totals: readonly number[],
    count: number,
  ) {
    this.folds = new Int32Array(items.length);
    this.parts = Array.from({ length: count }, () => ({
      ...{ items: new Set<number>(), size: 0 },
      shows: totals.map(() => 0),
    }));
  }

  /** Puts an item into the smallest fold; among several, into the one with the fewest samples of its classes. */
  place(item: number): void {
    const shown = this.items[item]?.shows ?? [];
    const crowd = ({ shows }: Fold) =>
      shows.reduce(
        (sum, n, label) => sum + ((shown[label] ?? 0) * n) / Math.max(1, this.totals[label] ?? 1),
        0,
      );
    const best = this.parts.reduce((one, other) =>
      other.size < one.size || (other.size === one.size && crowd(other) < crowd(one)) ? other : one,
    );
    this.move(item, undefined, best);
  }

  /** Moves items, and exchanges pairs of them, until neither helps. */
  improve(): void {
    for (let helped = true; helped; ) {
      helped = false;
      for (const [i, from] of this.parts.entries()) {
        for (const to of this.parts.slice(i + 1)) while (this.exchangeOne(from, to)) helped = true;
      }
    }
  }

  /** Whether an exchange between two folds helped. */
  private exchangeOne(from: Fold, to: Fold): boolean {
    const [here, there] = [this.kindsOf(from), this.kindsOf(to)];
    for (const a of [...here, undefined]) {
      for (const b of [...there, undefined]) {
        if (a === undefined && b === undefined) continue;
        this.trials += 1;
        if (this.trials > MOST_TRIALS) return false;
        if (!this.isBetter(from, to, a, b)) continue;
        if (a !== undefined) this.move(a, from, to);
        if (b !== undefined) this.move(b, to, from);
        return true;
      }
    }
    return false;
  }

  /** One item of each kind in a fold: items of the same size and classes are interchangeable. */
  private kindsOf(fold: Fold): readonly number[] {
    const kinds = new Map<string, number>();
    for (const item of fold.items) {
      const { size = 0, shows = [] } = this.items[item] ?? {};
      const kind = `${size}:${shows.join()}`;
      if (!kinds.has(kind)) kinds.set(kind, item);
    }
    return [...kinds.values()];
  }

  private isBetter(from: Fold, to: Fold, a: number | undefined, b: number | undefined): boolean {
    const [first, second] = [this.itemAt(a), this.itemAt(b)];
    const moved = first.size - second.size;
    // The change of the sum of squares when `moved` goes from one number to the other, halved.
    const change = (n: number, m: number, d: number) => d * (d + m - n);
    const sizes = change(from.size, to.size, moved);
    if (sizes !== 0) return sizes < 0;
    const classes = this.totals.reduce((sum, total, label) => {
      const d = (first.shows[label] ?? 0) - (second.shows[label] ?? 0);
      return sum + change(from.shows[label] ?? 0, to.shows[label] ?? 0, d) / Math.max(1, total);
    }, 0);
    return classes < -1e-9;
  }

  private itemAt(item: number | undefined): FoldItem {
    return (item === undefined ? undefined : this.items[item]) ?? { size: 0, shows: [] };
  }

  private move(item: number, from: Fold | undefined, to: Fold): void {
    const { size, shows } = this.itemAt(item);
    for (const [fold, sign] of [
      [from, -1],
      [to, 1],
    ] as const) {
      if (!fold) continue;
      fold.size += sign * size;
      for (const [label, n] of shows.entries()) fold.shows[label] = (fold.shows[label] ?? 0) + sign * n;
    }
    from?.items.delete(item);
    to.items.add(item);
    this.folds[item] = this.parts.indexOf(to);
  }
}
