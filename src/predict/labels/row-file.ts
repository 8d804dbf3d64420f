import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { type Failure, fileFailure } from '../../diagnostics/failure.js';
import { decodeElements, elementBytes, type StoredData, type StoredType } from '../../formats/element.js';
import type { GatheredNumbers } from '../../images/grid-boxes.js';

/** Rows of equal length in a file, one after the other. */
export class RowFile {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    readonly rowBytes: number,
    private written: number,
  ) {}

  /** Opens a new file, or with `keep` the one that is there, without a last row that was not written whole. */
  static open(path: string, rowBytes: number, keep = false): RowFile | Failure {
    try {
      const descriptor = openSync(path, keep ? 'r+' : 'w+');
      const rows = Math.floor(fstatSync(descriptor).size / rowBytes);
      ftruncateSync(descriptor, rows * rowBytes);
      return new RowFile(path, descriptor, rowBytes, rows);
    } catch (error) {
      return fileFailure('write', path, error);
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
  append(rows: Uint8Array): Failure | undefined {
    try {
      let offset = 0;
      while (offset < rows.length) {
        const position = this.written * this.rowBytes + offset;
        offset += writeSync(this.descriptor, rows, offset, rows.length - offset, position);
      }
      this.written += rows.length / this.rowBytes;
      return undefined;
    } catch (error) {
      return fileFailure('write', this.path, error);
    }
  }

  /** The rows from <= row < to. */
  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.bytesAt(from * this.rowBytes, (to - from) * this.rowBytes);
  }

  /** `length` bytes, wherever rows begin and end. */
  bytesAt(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.descriptor, bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new Error(`${this.path} has fewer rows than were written`);
      filled += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Deletes the file. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/** The rows of a file as numbers of a type, in this machine's order of bytes. */
export function gatheredNumbers(
  file: Pick<RowFile, 'bytesAt'>,
  type: Exclude<StoredType, 'float16'>,
): GatheredNumbers {
  const size = elementBytes[type];
  const read = (first: number, count: number): StoredData =>
    decodeElements(file.bytesAt(first * size, count * size), type, count, true);
  return { type, read };
}
