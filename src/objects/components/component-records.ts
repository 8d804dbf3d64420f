import type { ComponentTable } from './component-table.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every run.

/** An array of twice the length, or more, with the same numbers in front. */
function longer(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(Math.max(length, 2 * array.length));
  next.set(array);
  return next;
}

/**
 * The provisional components of a scan, from 1, and which of them are known to be one: a disjoint-set forest with path
 * halving (R. E. Tarjan, J. van Leeuwen, J. ACM 31, 1984), in which the root of a set is its smallest number. A component
 * has a number from its first position on, so roots ascend in row-major order of their first positions.
 */
export class ComponentRecords {
  private count = 0;
  private parents = new Int32Array(256);
  private values = new Int32Array(256);
  private sizes = new Float64Array(256);
  /** 2 numbers for each axis: the first position, and the one after the last. */
  private boxes: Int32Array;

  constructor(readonly rank: number) {
    this.boxes = new Int32Array(512 * rank);
  }

  /** A new provisional component of positions with this value. */
  add(value: number): number {
    const component = ++this.count;
    if (component === this.parents.length) this.grow();
    this.parents[component] = component;
    this.values[component] = value;
    const box = 2 * this.rank * component;
    for (let i = box; i < box + 2 * this.rank; i += 2) {
      this.boxes[i] = 2 ** 31 - 1;
      this.boxes[i + 1] = 0;
    }
    return component;
  }

  /** The smallest number of the component that `component` belongs to. */
  rootOf(component: number): number {
    const { parents } = this;
    let at = component;
    let parent = parents[at] as number;
    while (parent !== at) {
      const above = parents[parent] as number;
      parents[at] = above;
      at = above;
      parent = parents[at] as number;
    }
    return at;
  }

  /** Notes that two roots are one component. Returns its root. */
  unite(a: number, b: number): number {
    const root = a < b ? a : b;
    this.parents[a < b ? b : a] = root;
    return root;
  }

  /** Adds a run of positions along the last axis, from `start` to before `end`, at `coordinates` on the other axes. */
  extend(component: number, coordinates: Int32Array, start: number, end: number): void {
    const { boxes, rank, sizes } = this;
    sizes[component] = (sizes[component] as number) + end - start;
    let at = 2 * rank * component;
    for (let axis = 0; axis < rank - 1; axis++, at += 2) {
      const position = coordinates[axis] as number;
      if (position < (boxes[at] as number)) boxes[at] = position;
      if (position >= (boxes[at + 1] as number)) boxes[at + 1] = position + 1;
    }
    if (start < (boxes[at] as number)) boxes[at] = start;
    if (end > (boxes[at + 1] as number)) boxes[at + 1] = end;
  }

  /** Numbers the components from 1 in the order of their first positions, and adds up their parts. */
  table(): ComponentTable {
    const { count, rank } = this;
    const numbers = new Int32Array(count + 1);
    let last = 0;
    for (let part = 1; part <= count; part++) {
      const root = this.rootOf(part);
      numbers[part] = root === part ? ++last : (numbers[root] as number);
    }
    const sizes = new Float64Array(last + 1);
    const values = new Int32Array(last + 1);
    const boxes = new Int32Array(2 * rank * (last + 1));
    for (let part = 1; part <= count; part++) {
      const number = numbers[part] as number;
      const isFirst = sizes[number] === 0;
      values[number] = this.values[part] as number;
      sizes[number] = (sizes[number] as number) + (this.sizes[part] as number);
      for (let axis = 0; axis < rank; axis++) {
        const [to, from] = [2 * (rank * number + axis), 2 * (rank * part + axis)];
        const [low, high] = [this.boxes[from] as number, this.boxes[from + 1] as number];
        boxes[to] = isFirst ? low : Math.min(boxes[to] as number, low);
        boxes[to + 1] = isFirst ? high : Math.max(boxes[to + 1] as number, high);
      }
    }
    return { count: last, sizes, values, boxes, numbers };
  }

  private grow(): void {
    const length = 2 * this.parents.length;
    this.parents = longer(this.parents, length);
    this.values = longer(this.values, length);
    this.boxes = longer(this.boxes, 2 * this.rank * length);
    const sizes = new Float64Array(length);
    sizes.set(this.sizes);
    this.sizes = sizes;
  }
}
