import type { WorldAffine } from '../geometry.js';
import type { Axis } from '../stored-array.js';

/** How far the corners of a volume lie apart by two transforms: the largest distance. */
export function transformDistance(a: WorldAffine, b: WorldAffine, axes: readonly Axis[]): number {
  const last = ['x', 'y', 'z'].map((name) => (axes.find((axis) => axis.name === name)?.size ?? 1) - 1);
  const corners = Array.from({ length: 8 }, (_, corner) =>
    last.map((size, i) => (corner & (1 << i) ? size : 0)),
  );
  const place = (affine: WorldAffine, corner: readonly number[]) =>
    [0, 1, 2].map((i) => [...corner, 1].reduce((sum, value, j) => sum + value * (affine[i]?.[j] ?? 0), 0));
  return Math.max(
    ...corners.map((corner) => {
      const [one, other] = [place(a, corner), place(b, corner)];
      return Math.hypot(...one.map((value, i) => value - (other[i] ?? 0)));
    }),
  );
}
