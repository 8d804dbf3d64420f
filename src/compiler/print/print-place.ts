import type { Span } from '../../diagnostics/span.js';

/** Where a span begins, as editors count: `specs/unet2d.unet:5:14`. */
export function placeText({ file, start }: Span): string {
  const { line, character } = file.positionAt(start);
  return `${file.path}:${line + 1}:${character + 1}`;
}
