/** What is known of the components of a map. Components are numbered from 1 in the row-major order of their first positions. */
export interface ComponentTable {
  readonly count: number;
  /** How many positions each component has; index 0 is unused. */
  readonly sizes: Float64Array;
  /** The map's number in each component; index 0 is unused. */
  readonly values: Int32Array;
  /** (count + 1, rank, 2): on each axis the first position of the component, and the one after its last; row 0 is unused. */
  readonly boxes: Int32Array;
  /** The component that each provisional number of the scan belongs to: see BandLabels. */
  readonly numbers: Int32Array;
}

/** Whether a component has a position at the border of a map of this shape. */
export function touchesBorder(
  { boxes }: ComponentTable,
  component: number,
  shape: readonly number[],
): boolean {
  const { length: rank } = shape;
  return shape.some((size, axis) => {
    const at = 2 * (rank * component + axis);
    return boxes[at] === 0 || boxes[at + 1] === size;
  });
}

/** For each number of a map, its `count` largest components; of equally large ones the first. */
export function largestComponents(
  { sizes, values }: Pick<ComponentTable, 'sizes' | 'values'>,
  count = 1,
): ReadonlyMap<number, readonly number[]> {
  const byValue = new Map<number, number[]>();
  for (let component = 1; component < sizes.length; component++) {
    const value = values[component] ?? 0;
    const all = byValue.get(value);
    if (all) all.push(component);
    else byValue.set(value, [component]);
  }
  // The sort is stable: of equally large ones, the first stays in front.
  for (const all of byValue.values()) all.sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0)).splice(count);
  return byValue;
}
