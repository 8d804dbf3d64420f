import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { makeFolder } from '../../runtime/files/folders.js';

/**
 * The labels of a prediction that is under way, row after row, beside the output, and what they are made of: a run that
 * was stopped at any moment continues after its last whole row.
 */
export class PartFile {
  private constructor(
    private readonly paths: { readonly data: string; readonly settings: string },
    private readonly descriptor: number,
    readonly rowBytes: number,
    private written: number,
  ) {}

  /**
   * Opens the part of an output: a new one, or with `resume` the one that is there.
   *
   * @param settings all that the labels depend on, as text
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
      const descriptor = openSync(paths.data, isThere ? 'r+' : 'w+');
      const rows = Math.floor(fstatSync(descriptor).size / rowBytes);
      // What is left of a row that was not written whole.
      ftruncateSync(descriptor, rows * rowBytes);
      return new PartFile(paths, descriptor, rowBytes, rows);
    } catch (error) {
      return fileFailure('write', paths.data, error);
    }
  }

  /** How many rows there are. */
  get rows(): number {
    return this.written;
  }

  /** Drops all rows but the first ones. */
  keep(rows: number): void {
    if (rows >= this.written) return;
    ftruncateSync(this.descriptor, rows * this.rowBytes);
    this.written = rows;
  }

  /** Appends rows. */
  append(labels: Uint8Array): Failure | undefined {
    try {
      let offset = 0;
      while (offset < labels.length) {
        offset += writeSync(
          this.descriptor,
          labels,
          offset,
          labels.length - offset,
          this.written * this.rowBytes + offset,
        );
      }
      this.written += labels.length / this.rowBytes;
      return undefined;
    } catch (error) {
      return fileFailure('write', this.paths.data, error);
    }
  }

  /** The rows from <= row < to. */
  read(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array((to - from) * this.rowBytes);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(
        this.descriptor,
        bytes,
        filled,
        bytes.length - filled,
        from * this.rowBytes + filled,
      );
      if (count === 0) throw new Error('the part file has fewer rows than were written');
      filled += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Deletes the files, once their output is written. */
  remove(): void {
    for (const path of Object.values(this.paths)) rmSync(path, { force: true });
  }
}
