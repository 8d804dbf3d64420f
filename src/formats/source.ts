import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Failure, failure, fileFailure } from '../diagnostics/failure.js';

/** One read call takes at most 2 GiB. */
const LARGEST_READ = 1 << 30;
/** Small reads are answered from a window of so many bytes. */
const WINDOW = 1 << 16;

/**
 * The bytes of a file, read where they are needed. Reads are synchronous: a read of a local file takes less time than
 * to wait for one, and several files are read in parallel by several threads.
 */
export class ByteSource {
  #window = new Uint8Array(0);
  #windowStart = 0;

  private constructor(
    readonly path: string,
    readonly size: number,
    readonly descriptor: number,
  ) {}

  /** Runs `use` on an open file and closes it. */
  static async open<T>(
    path: string,
    use: (source: ByteSource) => Promise<T | Failure>,
  ): Promise<T | Failure> {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, 'r');
      const stats = fstatSync(descriptor);
      // A folder opens, but reading it fails: the system's own error says so.
      if (stats.isDirectory()) readSync(descriptor, new Uint8Array(1), 0, 1, 0);
      if (stats.size === 0) return failure('file-empty', { path });
      return await use(new ByteSource(path, stats.size, descriptor));
    } catch (error) {
      return fileFailure('read', path, error);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Up to `length` bytes from `offset` on: fewer at the end of the file. The caller may change them. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(offset + length, this.size);
    if (!(offset >= 0) || end <= offset) return new Uint8Array(0);
    if (end - offset >= WINDOW) return this.#readNow(offset, end - offset);
    const inside = offset >= this.#windowStart && end <= this.#windowStart + this.#window.length;
    if (!inside) {
      this.#window = this.#readNow(offset, Math.min(WINDOW, this.size - offset));
      this.#windowStart = offset;
    }
    const from = offset - this.#windowStart;
    return this.#window.slice(from, from + end - offset);
  }

  readAll(): Uint8Array<ArrayBuffer> {
    return this.read(0, this.size);
  }

  #readNow(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(
        this.descriptor,
        bytes,
        filled,
        Math.min(length - filled, LARGEST_READ),
        offset + filled,
      );
      // The file became shorter while it was read.
      if (count === 0) return bytes.slice(0, filled);
      filled += count;
    }
    return bytes;
  }
}
