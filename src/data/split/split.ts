/** The images of a training, in two parts. */
export interface Split<T> {
  readonly training: readonly T[];
  /** Empty if no image validates. */
  readonly validation: readonly T[];
  /** What the user should know about the split, one sentence each; nothing when left out. */
  readonly notes?: readonly string[];
  /** How the parts were chosen, as a run folder records it; nothing when left out. */
  readonly choice?: SplitChoice;
}

/** What a run folder records of a split, besides the names of the images. */
export interface SplitChoice {
  /** The pattern of the groups. */
  readonly group?: string;
  /** The fold that validates, from 1, and how many folds there are. */
  readonly fold?: { readonly index: number; readonly count: number };
}

/** What a split reads of a sample. */
export interface NamedSample {
  readonly name: string;
  /** The name that all pages of its file share; the name itself when left out. */
  readonly stem?: string;
}

/** The group of a sample: samples of one group are never on both sides of a split. */
export type Grouping<T> = (sample: T) => string;

/** The group of a sample unless a pattern says otherwise: the file whose pages share a stem. */
export function fileOf({ name, stem = name }: NamedSample): string {
  return stem;
}

/** The samples of each group, in the order in which the groups first occur. */
export function byGroup<T>(samples: readonly T[], groupOf: Grouping<T>): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const sample of samples) {
    const group = groupOf(sample);
    const members = groups.get(group);
    if (members) members.push(sample);
    else groups.set(group, [sample]);
  }
  return groups;
}

/** Both parts keep the order of the samples. */
export function divide<T>(samples: readonly T[], isChosen: (sample: T) => boolean): Split<T> {
  const training: T[] = [];
  const validation: T[] = [];
  for (const sample of samples) (isChosen(sample) ? validation : training).push(sample);
  return { training, validation };
}
