import { Failure } from '../../diagnostics/failure.js';
import { PartFile } from './part-file.js';

/** What a part file keeps, row after row. */
export interface PartContent {
  /** The output that the part lies beside. */
  readonly output: string;
  readonly rowBytes: number;
}

/**
 * Part files that advance together: of the labels, and of each map besides them. A run that was stopped while it wrote
 * continues after the last row that all of them have.
 */
export class PartSet {
  private constructor(readonly files: readonly PartFile[]) {}

  /** Opens the parts, as PartFile.open does each. */
  static open(contents: readonly PartContent[], settings: string, resume: boolean): PartSet | Failure {
    const set: PartFile[] = [];
    for (const { output, rowBytes } of contents) {
      const file = PartFile.open(output, settings, rowBytes, resume);
      if (file instanceof Failure) {
        for (const one of set) one.close();
        return file;
      }
      set.push(file);
    }
    const rows = Math.min(...set.map((one) => one.rows));
    for (const one of set) one.keep(rows);
    return new PartSet(set);
  }

  /** How many rows all parts have. */
  get rows(): number {
    return this.files[0]?.rows ?? 0;
  }

  /** Appends the same rows to each part, in the order of the parts. */
  append(rows: readonly Uint8Array[]): Failure | undefined {
    for (const [i, file] of this.files.entries()) {
      const failed = file.append(rows[i] ?? new Uint8Array());
      if (failed) return failed;
    }
    return undefined;
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  /** Deletes the files, once their outputs are written. */
  remove(): void {
    for (const file of this.files) file.remove();
  }
}
