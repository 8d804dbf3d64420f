/** Eight colours for classes on the white page, and on the dark page, each with a contrast of at least 3:1. */
const light = ['#1f5fbf', '#b85a00', '#1f7a33', '#b0248f', '#0b7a7a', '#7a45c0', '#c9302a', '#7a6a00'];
const dark = ['#79b0ff', '#ffa657', '#56d364', '#f778ba', '#3ccfc7', '#c297ff', '#ff7b72', '#d4c04a'];
/** The same hues, strong enough for lines of one pixel on gray images. */
const onImages = ['#4da3ff', '#ff8c1a', '#2fe05a', '#ff5ac8', '#19e0d2', '#b27dff', '#ff4d40', '#ffe21a'];
/** Dash patterns for the classes after the eighth. */
const DASHES = ['', '6 3', '2 3', '9 3 2 3'] as const;

export const curvePalettes = {
  light: { page: '#ffffff', text: '#1b2430', muted: '#57616e', grid: '#dde3ea', lines: light },
  dark: { page: '#0d1117', text: '#e6edf3', muted: '#9da7b3', grid: '#2a323c', lines: dark },
} as const;

export const COLOURS = light.length;

/** The stroke-dasharray of a class; empty for a plain line. */
export function dashOf(index: number): string {
  return DASHES[Math.floor(index / COLOURS) % DASHES.length] ?? '';
}

/** The red, green and blue of the outline of a class, 0 .. 255. */
export function colourOnImages(index: number): readonly [number, number, number] {
  const colour = Number.parseInt((onImages[index % COLOURS] ?? '').slice(1), 16);
  return [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
}
