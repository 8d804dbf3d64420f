/** Bytes that can be read at any place: a file, or bytes in memory. Nothing is read before it is needed. */
export interface RandomAccess {
  /** The number of bytes there are. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; both lie inside. The result may be a view that lives as long as
   * it is used.
   */
  read(offset: number, length: number): Uint8Array;
}

const WINDOW = 65536;

/**
 * The same bytes for a reader that takes a few of them at a time, nearly in order: it is served from a window, so
 * that not every look at a header costs a call to the system.
 */
export function windowed(file: RandomAccess): RandomAccess {
  let start = 0;
  let held = new Uint8Array(0);
  return {
    size: file.size,
    read(offset, length) {
      if (length > WINDOW) return file.read(offset, length);
      if (offset < start || offset + length > start + held.length) {
        // A copy: what the file gave may be used again by it.
        held = new Uint8Array(file.read(offset, Math.min(WINDOW, file.size - offset)));
        start = offset;
      }
      return held.subarray(offset - start, offset - start + length);
    },
  };
}

/** Files one behind the other, as if they were one. */
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
        // The usual case, without a copy.
        if (part === length) return read;
        bytes.set(read, done);
      }
      return bytes;
    },
  };
}
