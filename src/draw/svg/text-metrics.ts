/** Font sizes in user units (pixels at scale 1). */
export const fontSizes = {
  title: 20,
  subtitle: 13,
  channels: 12,
  size: 11,
  note: 12,
  block: 12,
  detail: 11,
} as const;

export type TextClass = keyof typeof fontSizes;

/**
 * The height of a line above and below its baseline, as a fraction of the font size: an upper bound for all fonts of
 * the list.
 */
export const ASCENT = 0.8;
export const DESCENT = 0.24;

/**
 * An upper bound of the width of a line in common sans-serif fonts (DejaVu Sans and Verdana are the widest). Bold text
 * is about a tenth wider.
 */
export function textWidth(text: string, kind: TextClass): number {
  let ems = 0;
  for (const character of text) {
    if (/[ijl.,:;'|!()[\]]/.test(character)) ems += 0.46;
    else if (/[a-z0-9 ]/.test(character)) ems += character === 'm' || character === 'w' ? 0.98 : 0.645;
    else if (character <= '\u007f') ems += /[A-Z]/.test(character) && character !== 'M' ? 0.8 : 1;
    else ems += 1.35;
  }
  return ems * fontSizes[kind] * (kind === 'title' || kind === 'block' ? 1.12 : 1);
}

/** The text cut to a width of `limit`, with an ellipsis if it was cut. */
export function fitText(text: string, kind: TextClass, limit: number): string {
  if (textWidth(text, kind) <= limit) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(`${kept}${character}\u2026`, kind) > limit) break;
    kept += character;
  }
  return `${kept.trimEnd()}\u2026`;
}

/** The text broken into lines of whole words, none wider than `limit` unless a single word is. */
export function wrapText(text: string, kind: TextClass, limit: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, kind) > limit) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
