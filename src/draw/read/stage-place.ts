export type PathSide = 'encoder' | 'decoder';

/** A row of the U, from 0, and its half. */
export interface StagePlace {
  readonly row: number;
  readonly side: PathSide;
}

/** The row and the side that a stage is drawn in; undefined for stages that stay where they are. */
export function placeOf(stage: string, depth: number): StagePlace | undefined {
  if (stage === 'bottleneck') return { row: depth, side: 'encoder' };
  const [, name, digits] = /^(\w+)\[(\d+)\]$/.exec(stage) ?? [];
  // Levels beyond the encoder's are drawn in its last row.
  const level = Math.min(Math.max(Number(digits), 1), depth + 1);
  switch (name) {
    case 'encoder':
      return { row: level - 1, side: 'encoder' };
    case 'pool':
      return { row: Math.min(level, depth), side: 'encoder' };
    case 'up':
    case 'decoder':
      return level > depth ? undefined : { row: level - 1, side: 'decoder' };
    default:
      return undefined;
  }
}
