import type { CollapsedRun, FeatureMap } from '../picture.js';
import { fontSizes, type TextClass, textWidth } from '../svg/text-metrics.js';

/** A line in a box. */
export interface BoxLine {
  readonly text: string;
  readonly style: TextClass;
}

const LINE = fontSizes.block + 3;
const PADDING = 8;
const LONGEST_NAME = 120;

/** The lines in the box of a run of blocks: `12 x transformer layer`, then its details. */
export function collapsedLines({ name, count, details }: CollapsedRun): readonly BoxLine[] {
  const title = count === 1 ? name : `${count} x ${name}`;
  return [
    ...brokenName(title).map((text) => ({ text, style: 'block' }) as const),
    ...(details.length === 0 ? [] : [{ text: details.join(', '), style: 'detail' } as const]),
  ];
}

/** A long name, broken between its words: `TimeResidualAttention` has three. */
function brokenName(name: string): readonly string[] {
  if (name.includes(' ') || textWidth(name, 'block') <= LONGEST_NAME) return [name];
  const lines: string[] = [];
  for (const word of name.split(/(?=[A-Z])/)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last + word, 'block') <= LONGEST_NAME)
      lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  return lines;
}

/** The width and the height of a box around lines. */
export function boxFor(lines: readonly BoxLine[]): { readonly width: number; readonly height: number } {
  const width = Math.max(...lines.map(({ text, style }) => textWidth(text, style)));
  return { width: width + 2 * PADDING, height: lines.length * LINE + PADDING };
}

/** The baseline of a line in a box that is centred on y. */
export function baselineOf(index: number, count: number, y: number): number {
  return y + (index - (count - 1) / 2) * LINE + fontSizes.block * 0.36;
}

/** The size of a map's box. `plain` is its size without text. */
export function boxSize(
  map: FeatureMap,
  plain: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  if (!map.run) return plain;
  const needed = boxFor(collapsedLines(map.run));
  return { width: Math.max(plain.width, needed.width), height: Math.max(plain.height, needed.height) };
}
