/** One character of a source line as a terminal shows it. */
export interface TextCell {
  /** The UTF-16 offsets in the line where the character starts and ends. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The number of columns: 0, 1 or 2, or up to a tab stop. */
  readonly width: number;
}

const TAB_STOP = 4;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Control characters would move the cursor, and marks of writing direction would reorder the line. The shown text must
// look like the compiled text.
const unprintable = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

// Emoji, and the characters that are East Asian Wide or Fullwidth (Unicode Annex 11), as far as scripts and blocks define
// them.
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const combining = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Replaces characters that a terminal would obey instead of showing by U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

function widthOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) || character.includes('\ufe0f') ? 2 : 1;
}

/** The characters of a line that begins at the offset `from`. Tabs extend to the next tab stop. */
export function textCellsOf(line: string, from = 0): readonly TextCell[] {
  const cells: TextCell[] = [];
  let column = 0;
  for (const { segment, index } of segmenter.segment(line)) {
    const tab = segment === '\t';
    const width = tab ? TAB_STOP - (column % TAB_STOP) : widthOf(segment);
    const text = tab ? ' '.repeat(width) : printable(segment);
    cells.push({ start: from + index, end: from + index + segment.length, text, width });
    column += width;
  }
  return cells;
}

export function widthOfCells(cells: readonly TextCell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}
