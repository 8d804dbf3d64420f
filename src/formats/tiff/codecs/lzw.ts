const CLEAR = 256;
const END = 257;
const MOST_CODES = 4096;

/** The bits of a code while `next` is the code to be defined; TIFF widens its codes one code early. */
function widthAt(next: number): number {
  return next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
}

/**
 * Decodes TIFF's LZW into `output`, and tells how many bytes it wrote: fewer than it holds where the codes end before.
 *
 * A code stands for bytes that the output already has: those of the code before it and the byte that followed. So a
 * code is defined when its first part is written, and its last byte is the one that is written next.
 */
export function decodeLzw(input: Uint8Array, output: Uint8Array): number {
  const starts = new Uint32Array(MOST_CODES);
  const lengths = new Uint16Array(MOST_CODES);
  let next = 258;
  let width = 9;
  let written = 0;
  let bits = 0;
  let available = 0;
  let at = 0;
  while (written < output.length) {
    while (available < width && at < input.length) {
      bits = (bits << 8) | (input[at++] ?? 0);
      available += 8;
    }
    if (available < width) return written;
    const code = bits >>> (available - width);
    available -= width;
    bits &= (1 << available) - 1;
    if (code === END) return written;
    if (code === CLEAR) {
      next = 258;
      width = 9;
      continue;
    }
    if (code >= next) return written;
    const start = written;
    if (code < 256) {
      output[written++] = code;
    } else {
      const from = starts[code] ?? 0;
      const length = Math.min(lengths[code] ?? 0, output.length - written);
      for (let i = 0; i < length; i++) output[written++] = output[from + i] ?? 0;
    }
    if (next < MOST_CODES) {
      starts[next] = start;
      lengths[next] = written - start + 1;
      next++;
      width = widthAt(next);
    }
  }
  return written;
}
