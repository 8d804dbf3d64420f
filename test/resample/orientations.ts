const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** The codes of all 48 orientations of a volume. */
export const orientations: readonly string[] = orders.flatMap((order) =>
  Array.from({ length: 8 }, (_, flips) =>
    order.map((axis, i) => ['RL', 'AP', 'SI'][axis]?.[(flips >> i) & 1] ?? '').join(''),
  ),
);
