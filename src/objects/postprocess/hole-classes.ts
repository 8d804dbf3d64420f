import { stridesOf } from '../../ir/parameter.js';
import type { LabelArray } from '../label-array.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** Counts the faces between holes and classes of a map that comes in bands of whole slabs along its first axis. */
export class HoleClasses {
  /** How many faces each hole shares with each class. */
  private readonly faces = new Map<number, Map<number, number>>();
  private readonly strides: readonly number[];
  /** The last slab before this band: its labels and its components. */
  private before: { readonly labels: LabelArray; readonly components: Int32Array } | undefined;

  /** `holes` has a 1 for each component of the background that is a hole: one that does not touch the border of the map. */
  constructor(
    private readonly holes: Uint8Array,
    shape: readonly number[],
  ) {
    this.strides = stridesOf(shape);
  }

  /** Takes the next slabs: their labels, and the components of their background. */
  add(labels: LabelArray, components: Int32Array): void {
    const { length } = labels;
    const holes = this.holes;
    const [slab = length, ...inner] = this.strides;
    const before = this.before;
    for (let i = 0; before && i < slab; i++) {
      const component = before.components[i] as number;
      if (component !== 0 && holes[component] === 1) this.count(component, labels[i] as number);
    }
    for (let i = 0; i < length; i++) {
      const component = components[i] as number;
      if (component === 0 || holes[component] === 0) continue;
      // A hole does not touch the border, so it has neighbours on both sides on each axis.
      for (const stride of inner) {
        this.count(component, labels[i - stride] as number);
        this.count(component, labels[i + stride] as number);
      }
      this.count(component, i >= slab ? (labels[i - slab] as number) : (before?.labels[i] ?? 0));
      if (i + slab < length) this.count(component, labels[i + slab] as number);
    }
    if (length === 0) return;
    this.before = { labels: labels.slice(length - slab), components: components.slice(length - slab) };
  }

  /**
   * The class that most faces of each hole belong to, by component; 0 for what is not a hole. Of equally many, the lowest.
   * If `only` is given, 0 for holes of other classes too.
   */
  most(only: number | undefined): Int32Array {
    const classes = new Int32Array(this.holes.length);
    for (const [hole, counts] of this.faces) {
      let most = 0;
      for (const [label, count] of counts) {
        const leading = counts.get(most) ?? 0;
        if (count > leading || (count === leading && label < most)) most = label;
      }
      if (only === undefined || most === only) classes[hole] = most;
    }
    return classes;
  }

  private count(hole: number, label: number): void {
    if (label === 0) return;
    const counts = this.faces.get(hole) ?? new Map<number, number>();
    this.faces.set(hole, counts.set(label, (counts.get(label) ?? 0) + 1));
  }
}
