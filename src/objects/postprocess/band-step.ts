import { elementCount } from '../../ir/parameter.js';
import { type ComponentTable, largestComponents, touchesBorder } from '../components/component-table.js';
import { BandLabels, BandScan } from '../components/connected-components.js';
import type { LabelArray } from '../label-array.js';
import { HoleClasses } from './hole-classes.js';
import type { PostprocessingScope, PostprocessingStep } from './step.js';
import { leastPositions } from './step-fit.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** A step at work on a map that comes in bands of whole slabs along its first axis. */
export interface BandStep {
  /** What must see all bands, in order, one after the other, before the result is known. */
  readonly passes: readonly ((band: LabelArray) => void)[];
  /** Makes a function that gives the result band by band, in order. */
  readonly rewriter: () => (band: LabelArray) => LabelArray;
}

/** Prepares a step for a map of this shape. It must fit: see checkPostprocessing. */
export function bandStep(
  step: PostprocessingStep,
  shape: readonly number[],
  micrometres: readonly number[] | undefined,
): BandStep {
  switch (step.step) {
    case 'largest':
      return removal(step, shape, (table) => {
        const kept = new Uint8Array(table.count + 1);
        for (const all of largestComponents(table, step.count).values()) for (const one of all) kept[one] = 1;
        return kept;
      });
    case 'min-size': {
      const least = leastPositions(step.size, micrometres);
      return removal(step, shape, ({ sizes }) => Uint8Array.from(sizes, (size) => (size >= least ? 1 : 0)));
    }
    case 'fill-holes':
      return filling(step, shape);
  }
}

/** What a scope looks at, as numbers above 0. */
function selected(band: LabelArray, scope: PostprocessingScope): LabelArray {
  if (scope === 'each class') return band;
  return scope === 'foreground'
    ? masked(band, (label) => label !== 0)
    : masked(band, (label) => label === scope.label);
}

function masked(band: LabelArray, isIn: (label: number) => boolean): Uint8Array {
  const mask = new Uint8Array(band.length);
  for (let i = 0; i < band.length; i++) if (isIn(band[i] as number)) mask[i] = 1;
  return mask;
}

/** Removes the components for which `keptOf` has a 0. */
function removal(
  { scope, connectivity }: PostprocessingStep,
  shape: readonly number[],
  keptOf: (table: ComponentTable) => Uint8Array,
): BandStep {
  const scan = new BandScan(shape, connectivity);
  return {
    passes: [(band) => scan.add(selected(band, scope))],
    rewriter: () => {
      const table = scan.table();
      const kept = keptOf(table);
      const second = new BandLabels(shape, table, connectivity);
      return (band) => {
        const components = second.next(selected(band, scope));
        const result = band.slice();
        for (let i = 0; i < result.length; i++) {
          const component = components[i] as number;
          if (component !== 0 && kept[component] === 0) result[i] = 0;
        }
        return result;
      };
    },
  };
}

function filling(
  { scope, connectivity }: Extract<PostprocessingStep, { step: 'fill-holes' }>,
  shape: readonly number[],
): BandStep {
  const background = (band: LabelArray) => masked(band, (label) => label === 0);
  const scan = new BandScan(shape, connectivity);
  let table: ComponentTable | undefined;
  let classes: HoleClasses | undefined;
  let second: BandLabels | undefined;
  return {
    passes: [
      (band) => scan.add(background(band)),
      (band) => {
        table ??= scan.table();
        second ??= new BandLabels(shape, table, connectivity);
        classes ??= new HoleClasses(holesOf(table, shape), shape);
        classes.add(band, second.next(background(band)));
      },
    ],
    rewriter: () => {
      const known = table ?? scan.table();
      const values =
        classes?.most(typeof scope === 'object' ? scope.label : undefined) ?? new Int32Array(known.count + 1);
      const third = new BandLabels(shape, known, connectivity);
      return (band) => {
        const components = third.next(background(band));
        const result = band.slice();
        for (let i = 0; i < result.length; i++) {
          const component = components[i] as number;
          if (component !== 0) result[i] = values[component] as number;
        }
        return result;
      };
    },
  };
}

/** 1 for each component of the background that does not touch the border. */
function holesOf(table: ComponentTable, shape: readonly number[]): Uint8Array {
  const holes = new Uint8Array(table.count + 1);
  if (elementCount(shape) === 0) return holes;
  for (let one = 1; one <= table.count; one++) holes[one] = touchesBorder(table, one, shape) ? 0 : 1;
  return holes;
}
