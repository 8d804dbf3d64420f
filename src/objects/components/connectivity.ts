/**
 * Which positions are neighbours: those that differ by 1 on at most so many axes, from 1 to the rank, as scikit-image counts.
 * 'faces' is 1 (4 neighbours in 2D, 6 in 3D), 'corners' is the rank (8 in 2D, 26 in 3D).
 */
export type Connectivity = number | 'faces' | 'corners';

/** On how many axes neighbours differ. Throws for a number that is none. */
export function axesOf(connectivity: Connectivity, rank: number): number {
  if (connectivity === 'faces') return 1;
  if (connectivity === 'corners') return rank;
  if (!Number.isInteger(connectivity) || connectivity < 1 || connectivity > rank) {
    throw new Error(`a connectivity of ${connectivity} on ${rank} axes`);
  }
  return connectivity;
}

/** The steps to all neighbours of a position, each (...spatial) of -1, 0 and 1, in row-major order. */
export function neighbourSteps(rank: number, connectivity: Connectivity): readonly (readonly number[])[] {
  const most = axesOf(connectivity, rank);
  let steps: number[][] = [[]];
  for (let axis = 0; axis < rank; axis++)
    steps = steps.flatMap((step) => [-1, 0, 1].map((move) => [...step, move]));
  return steps.filter((step) => {
    const moves = step.filter((move) => move !== 0).length;
    return moves > 0 && moves <= most;
  });
}
