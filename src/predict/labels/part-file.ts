import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { makeFolder } from '../../runtime/files/folders.js';
import { RowFile } from './row-file.js';

/**
 * The rows of a prediction that is under way, one after the other, beside the output, and what they are made of: a run that
 * was stopped at any moment continues after its last whole row. Rows are of labels, or of any other numbers.
 */
export class PartFile {
  private constructor(
    private readonly settings: string,
    private readonly file: RowFile,
  ) {}

  /**
   * Opens the part of an output: a new one, or with `resume` the one that is there.
   *
   * @param settings all that the rows depend on, as text
   */
  static open(output: string, settings: string, rowBytes: number, resume: boolean): PartFile | Failure {
    const paths = { data: `${output}.part`, settings: `${output}.part.json` };
    try {
      const folder = makeFolder(dirname(output));
      if (folder instanceof Failure) return folder;
      const isThere = resume && existsSync(paths.data) && existsSync(paths.settings);
      if (isThere && readFileSync(paths.settings, 'utf8') !== settings) {
        return failure('prediction-changed', { part: paths.data, output });
      }
      if (!isThere) {
        rmSync(paths.data, { force: true });
        writeFileSync(paths.settings, settings);
      }
      const file = RowFile.open(paths.data, rowBytes, isThere);
      return file instanceof Failure ? file : new PartFile(paths.settings, file);
    } catch (error) {
      return fileFailure('write', paths.data, error);
    }
  }

  /** How many rows there are. */
  get rows(): number {
    return this.file.rows;
  }

  /** Drops all rows but the first ones. */
  keep(rows: number): void {
    this.file.keep(rows);
  }

  /** Appends rows. */
  append(rows: Uint8Array): Failure | undefined {
    return this.file.append(rows);
  }

  /** The rows from <= row < to. */
  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.file.read(from, to);
  }

  /** `length` bytes, wherever rows begin and end. */
  bytesAt(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return this.file.bytesAt(offset, length);
  }

  close(): void {
    this.file.close();
  }

  /** Deletes the files, once their output is written. */
  remove(): void {
    this.file.remove();
    rmSync(this.settings, { force: true });
  }
}
