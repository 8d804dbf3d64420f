/** What a terminal shows for one character of a source line. */
export interface TextCell {
  /** UTF-16 offset in the line where the character begins, and where it ends. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Columns on the screen: 0, 1 or 2, or up to a tab stop. */
  readonly width: number;
}

const TAB_STOP = 4;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Controls would move the cursor, and the marks of writing direction would reorder the line: a text shown to a
// person must look like what is compiled.
const unprintable = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

// East Asian Wide and Fullwidth, Unicode Annex 11, as far as scripts and blocks describe them, and emoji.
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const combining = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** A text without characters that a terminal would obey instead of show; each becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

function widthOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) || character.includes('\ufe0f') ? 2 : 1;
}

/** The characters of a line from the offset `from` on, tabs spread to the next tab stop. */
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
