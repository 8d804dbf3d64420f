/** Bytes that can be read from any offset: a file, or bytes in memory. Nothing is read before it is needed. */
export interface RandomAccess {
  /** The number of bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; both must lie inside. The result may be a view of the file's memory.
   */
  read(offset: number, length: number): Uint8Array;
}

const WINDOW = 65536;

/**
 * The same bytes for a reader that reads a few of them at a time, nearly in order. It reads from a window in memory, so
 * most reads need no system call.
 */
export function windowed(file: RandomAccess): RandomAccess {
  let start = 0;
  let held = new Uint8Array(0);
  return {
    size: file.size,
    read(offset, length) {
      if (length > WINDOW) return file.read(offset, length);
      if (offset < start || offset + length > start + held.length) {
        // A copy, because the file may reuse its buffer.
        held = new Uint8Array(file.read(offset, Math.min(WINDOW, file.size - offset)));
        start = offset;
      }
      return held.subarray(offset - start, offset - start + length);
    },
  };
}

/** Several files, one after the other, as one file. */
export function concatFiles(files: readonly RandomAccess[]): RandomAccess {
  const starts: number[] = [];
  let size = 0;
  for (const file of files) {
    starts.push(size);
    size += file.size;
  }
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (const [i, file] of files.entries()) {
        const from = Math.max(offset - (starts[i] ?? 0), 0);
        const done = (starts[i] ?? 0) + from - offset;
        const part = Math.min(file.size - from, length - done);
        if (part <= 0) continue;
        const read = file.read(from, part);
        // The usual case needs no copy.
        if (part === length) return read;
        bytes.set(read, done);
      }
      return bytes;
    },
  };
}
