import { expect } from 'vitest';
import { type Drawing, inside, overlap, type Rect, segments } from './svg-reader.js';

/** Every pair of texts, or of a text and something drawn, that touch. */
export function collisions({ texts, boxes, joins, lines }: Drawing): readonly string[] {
  const found: string[] = [];
  const strokes = lines.flatMap((line) => segments(line).map((rect) => ({ ...rect, name: line.style })));
  const drawn: readonly (Rect & { readonly name: string })[] = [
    ...boxes.map((box) => ({ ...box, name: `box ${box.tip}` })),
    ...joins.map((join) => ({ ...join, name: 'join' })),
    ...strokes,
  ];
  // A box that has its name in it may have more text in it.
  const names = texts.filter(({ style }) => style === 'block');
  const labelled = drawn.slice(0, boxes.length).filter((box) => names.some((name) => inside(name, box)));
  for (const [index, text] of texts.entries()) {
    for (const other of texts.slice(index + 1)) {
      if (overlap(text, other)) found.push(`${text.text} on ${other.text}`);
    }
    for (const other of drawn) {
      const isLabel = labelled.some((box) => box.name === other.name && inside(text, box));
      if (overlap(text, other) && !isLabel) found.push(`${text.text} on ${other.name}`);
    }
  }
  for (const [index, box] of boxes.entries()) {
    // Parts of a joined map share an edge; rounding to tenths may let them touch.
    const shrunk = { ...box, left: box.left + 0.2, right: box.right - 0.2 };
    for (const other of boxes.slice(index + 1))
      if (overlap(shrunk, other)) found.push(`${box.tip} on ${other.tip}`);
    for (const join of joins) if (overlap(box, join)) found.push(`join on ${box.tip}`);
    const inner = { left: box.left + 2, right: box.right - 2, top: box.top + 2, bottom: box.bottom - 2 };
    for (const line of strokes) if (overlap(inner, line)) found.push(`${line.name} through ${box.tip}`);
  }
  return found;
}

export function expectClean(drawing: Drawing): void {
  expect(collisions(drawing)).toEqual([]);
  const { view, texts, boxes, joins, lines } = drawing;
  const outside = [...texts, ...boxes, ...joins, ...lines.flatMap(segments)].filter(
    (item) => !inside(item, view),
  );
  expect(outside).toEqual([]);
}
