/** A shape as people write it: `64 x 3 x 3`; `scalar` for no axis. */
export function storedShapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' x ');
}
