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

/** A line's height above and below its baseline, as a part of the font size: no face in the list goes beyond. */
export const ASCENT = 0.8;
export const DESCENT = 0.24;

/**
 * An upper bound of a line's width in the sans-serif faces that systems have (DejaVu Sans and Verdana
 * are the widest). Bold text is about a tenth wider.
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

/** The beginning of a text that is no wider than `limit`, with an ellipsis where something is left out. */
export function fitText(text: string, kind: TextClass, limit: number): string {
  if (textWidth(text, kind) <= limit) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(`${kept}${character}\u2026`, kind) > limit) break;
    kept += character;
  }
  return `${kept.trimEnd()}\u2026`;
}

/** Lines of whole words, each within `limit` unless a single word is wider. */
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
