/** A position as editors count it. Both numbers start at 0; `character` counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A text for the compiler. `path` is only its name: the core never opens files. */
export class SourceFile {
  private lineStarts: number[] | undefined;

  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  /** The line and character of an offset. An offset after the end counts as the end. Lines end with LF, CRLF or CR. */
  positionAt(offset: number): Position {
    const starts = this.starts();
    const clamped = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: clamped - (starts[low] ?? 0) };
  }

  /** The text of a line, counted from 0, without its line end. */
  lineText(line: number): string {
    const starts = this.starts();
    const start = starts[line];
    if (start === undefined) return '';
    return this.text.slice(start, starts[line + 1] ?? this.text.length).replace(/[\r\n]+$/, '');
  }

  private starts(): number[] {
    if (this.lineStarts) return this.lineStarts;
    const starts = [0];
    for (const match of this.text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
    this.lineStarts = starts;
    return starts;
  }
}
