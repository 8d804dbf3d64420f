import type { Connectivity } from '../components/connectivity.js';

/** What a step looks at: the objects of each class by itself, of one class, or of all classes together. */
export type PostprocessingScope = 'each class' | 'foreground' | { readonly label: number };

/** A size of objects: positions, or an area or a volume. */
export type ObjectSize =
  | { readonly value: number; readonly unit: 'px' }
  | { readonly value: number; readonly unit: LengthName; readonly power: 2 | 3 };

/** Units of length, in micrometres. */
export const MICROMETRES = { nm: 1e-3, um: 1, mm: 1e3, cm: 1e4 } as const;
export type LengthName = keyof typeof MICROMETRES;

/** A step of postprocessing. Steps change a map of labels in the order in which they are given. */
export type PostprocessingStep =
  /** Keeps the `count` largest components; of equally large ones the first. Removes all others. */
  | {
      readonly step: 'largest';
      readonly scope: PostprocessingScope;
      readonly count: number;
      readonly connectivity: Connectivity;
    }
  /**
   * Fills the components of the background that do not touch the border of the map with the class that most of the faces
   * around them belong to; of equally many the class with the lowest number. With a scope of one class, fills only those
   * that become this class.
   */
  | {
      readonly step: 'fill-holes';
      readonly scope: Exclude<PostprocessingScope, 'foreground'>;
      /** Of the background. */
      readonly connectivity: Connectivity;
    }
  /** Removes components that are smaller than a size. */
  | {
      readonly step: 'min-size';
      readonly scope: PostprocessingScope;
      readonly size: ObjectSize;
      readonly connectivity: Connectivity;
    };

export type StepName = PostprocessingStep['step'];

/** The connectivity of a step that does not name one: a hole is closed if its wall is, even where it only meets at corners. */
export const DEFAULT_CONNECTIVITY = {
  largest: 'corners',
  'fill-holes': 'faces',
  'min-size': 'corners',
} as const;
