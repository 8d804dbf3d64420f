import { elementCount } from '../../ir/parameter.js';
import type { LabelArray } from '../label-array.js';
import { ComponentRecords } from './component-records.js';
import { type Connectivity, neighbourSteps } from './connectivity.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every run.

/** The runs of equal numbers but 0 along the rows of one slab, in order. */
class Runs {
  /** The first position in its row, and the one after the last. */
  starts = new Int32Array(256);
  ends = new Int32Array(256);
  values = new Int32Array(256);
  /** The provisional component of each run; 0 until it has one. */
  components = new Int32Array(256);
  /** The first run of each row, and the number of runs. */
  readonly rows: Int32Array;

  constructor(rows: number) {
    this.rows = new Int32Array(rows + 1);
  }

  /** Finds the runs of a slab that begins at `offset` in `map`, with rows of `width`. */
  read(map: LabelArray, offset: number, width: number): void {
    const { rows } = this;
    let count = 0;
    for (let row = 0; row < rows.length - 1; row++) {
      rows[row] = count;
      const first = offset + row * width;
      const end = first + width;
      let at = first;
      while (at < end) {
        const value = map[at] as number;
        const start = at;
        do at++;
        while (at < end && map[at] === value);
        if (value === 0) continue;
        if (count === this.starts.length) this.grow();
        this.starts[count] = start - first;
        this.ends[count] = at - first;
        this.values[count] = value;
        this.components[count] = 0;
        count++;
      }
    }
    rows[rows.length - 1] = count;
  }

  private grow(): void {
    for (const key of ['starts', 'ends', 'values', 'components'] as const) {
      const longer = new Int32Array(2 * this[key].length);
      longer.set(this[key]);
      this[key] = longer;
    }
  }
}

/** A row before a row, of the same slab or the one before, whose runs may touch those of the row. */
interface EarlierRow {
  readonly inPrevious: boolean;
  /** Steps on the axes of the slab but the last. */
  readonly steps: readonly number[];
  /** How far a run reaches beyond its ends: 1 if positions that differ on the last axis too are neighbours. */
  readonly reach: number;
}

/**
 * Finds the components of equal numbers of a map that comes slab by slab along its first axis, and keeps the runs of two
 * slabs. This is the first pass of the two-pass algorithm of A. Rosenfeld and J. L. Pfaltz (J. ACM 13, 1966), over runs
 * and not positions.
 */
export class RunLinker {
  readonly records: ComponentRecords;
  private previous: Runs;
  private current: Runs;
  private readonly earlier: readonly EarlierRow[];
  private readonly width: number;
  /** The sizes of the axes between the first and the last. */
  private readonly middle: readonly number[];
  /** Of the row that is being linked, on all axes but the last. */
  private readonly coordinates: Int32Array;
  /** How many slabs there have been. */
  private slabs = 0;

  /** `shape`, (...spatial), has at least two axes; only its size along the first is of no interest. */
  constructor(shape: readonly number[], connectivity: Connectivity) {
    if (shape.length < 2) throw new Error('components need at least two axes');
    this.middle = shape.slice(1, -1);
    this.width = shape.at(-1) ?? 0;
    const rows = elementCount(this.middle);
    [this.previous, this.current] = [new Runs(rows), new Runs(rows)];
    this.records = new ComponentRecords(shape.length);
    this.coordinates = new Int32Array(shape.length - 1);
    const steps = neighbourSteps(shape.length, connectivity);
    const reaches = new Map<string, EarlierRow>();
    for (const step of steps) {
      const outer = step.slice(0, -1);
      const first = outer.find((move) => move !== 0);
      if (first !== -1) continue;
      // Steps come in order, so a row with a reach of 1 is seen with -1 on the last axis first.
      const key = outer.join();
      const reach = step.at(-1) === 0 ? 0 : 1;
      if (!reaches.has(key)) reaches.set(key, { inPrevious: outer[0] === -1, steps: outer.slice(1), reach });
    }
    this.earlier = [...reaches.values()];
  }

  /**
   * Takes the next slab, which begins at `offset` in `map`. If `into` is given, writes the provisional component of each
   * position to the same places there; it must be 0 before. Numbers of the same component may differ until the scan ends.
   */
  add(map: LabelArray, offset: number, into?: Int32Array): void {
    // The slabs change places: the runs of the one before the last are not needed any more.
    const { middle, records, current: previous, previous: current } = this;
    const [width, coordinates] = [this.width, this.coordinates];
    this.previous = previous;
    this.current = current;
    current.read(map, offset, width);
    if (this.slabs === 0) previous.rows.fill(0);
    coordinates.fill(0);
    coordinates[0] = this.slabs++;
    for (let row = 0; row < current.rows.length - 1; row++) {
      const [from, to] = [current.rows[row] as number, current.rows[row + 1] as number];
      if (from < to) {
        for (const one of this.earlier) {
          const other = this.rowAt(one);
          if (other >= 0) this.link(from, to, one.inPrevious ? previous : current, other, one.reach);
        }
      }
      for (let run = from; run < to; run++) {
        let component = current.components[run] as number;
        if (component === 0) {
          component = records.add(current.values[run] as number);
          current.components[run] = component;
        }
        const [start, end] = [current.starts[run] as number, current.ends[run] as number];
        records.extend(component, coordinates, start, end);
        if (into) fill(into, component, offset + row * width + start, offset + row * width + end);
      }
      advance(coordinates, middle);
    }
  }

  /** The row of its slab that is so many steps from the current one; -1 outside of the map. */
  private rowAt({ steps }: EarlierRow): number {
    const { coordinates, middle } = this;
    let row = 0;
    for (let axis = 0; axis < middle.length; axis++) {
      const size = middle[axis] as number;
      const at = (coordinates[axis + 1] as number) + (steps[axis] as number);
      if (at < 0 || at >= size) return -1;
      row = row * size + at;
    }
    return row;
  }

  /** Joins the runs `from` to before `to` of the current row with those of an earlier row that touch them. */
  private link(from: number, to: number, runs: Runs, row: number, reach: number): void {
    const { current, records } = this;
    const { starts, ends, values, components } = current;
    const last = runs.rows[row + 1] as number;
    let other = runs.rows[row] as number;
    for (let run = from; run < to; run++) {
      const [start, end] = [(starts[run] as number) - reach, (ends[run] as number) + reach];
      const value = values[run] as number;
      while (other < last && (runs.ends[other] as number) <= start) other++;
      for (let next = other; next < last && (runs.starts[next] as number) < end; next++) {
        if (runs.values[next] !== value) continue;
        const root = records.rootOf(runs.components[next] as number);
        const before = components[run] as number;
        if (before === 0) components[run] = root;
        else if (before !== root) {
          const own = records.rootOf(before);
          components[run] = own === root ? root : records.unite(own, root);
        }
      }
    }
  }
}

/** Goes to the next row of a slab. */
function advance(coordinates: Int32Array, middle: readonly number[]): void {
  for (let axis = middle.length; axis > 0; axis--) {
    const next = (coordinates[axis] as number) + 1;
    coordinates[axis] = next;
    if (next < (middle[axis - 1] as number)) return;
    coordinates[axis] = 0;
  }
}

/** A loop is faster than the method of typed arrays where runs are short. */
function fill(into: Int32Array, component: number, from: number, to: number): void {
  if (to - from > 64) into.fill(component, from, to);
  else for (let at = from; at < to; at++) into[at] = component;
}
