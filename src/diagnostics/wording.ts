/** "1 x 572 x 572"; "a single number" for a shape without axes. */
export function shapeText(shape: readonly (number | string)[]): string {
  return shape.length === 0 ? 'a single number' : shape.join(' x ');
}

/** "a, b or c". */
export function listText(items: readonly string[], word: 'and' | 'or'): string {
  const [last = '', ...others] = items.toReversed();
  return others.length === 0 ? last : `${others.reverse().join(', ')} ${word} ${last}`;
}

/** "1 image", "6 images". */
export function countedText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A sentence, and below it the lines that belong to it. */
export function withLines(sentence: string, lines: readonly string[]): string {
  return [sentence, ...lines.map((line) => `  ${line}`)].join('\n');
}
