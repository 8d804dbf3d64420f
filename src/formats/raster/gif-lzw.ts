/** How many bytes GIF's LZW stands for, at most `limit`: no memory is taken for them. */
export function gifLzwLength(input: Uint8Array, minimumWidth: number, limit: number): number {
  return decode(input, minimumWidth, limit, undefined);
}

/** Decodes GIF's LZW into `output`, and tells how many bytes it wrote. */
export function decodeGifLzw(input: Uint8Array, minimumWidth: number, output: Uint8Array): number {
  return decode(input, minimumWidth, output.length, output);
}

/** Codes have their lowest bit first. */
function decode(
  input: Uint8Array,
  minimumWidth: number,
  limit: number,
  output: Uint8Array | undefined,
): number {
  const clear = 1 << minimumWidth;
  const end = clear + 1;
  // A code stands for bytes that the output already has, as in TIFF's LZW.
  const starts = new Uint32Array(4096);
  const lengths = new Uint16Array(4096);
  let next = clear + 2;
  let width = minimumWidth + 1;
  let written = 0;
  let bits = 0;
  let available = 0;
  let at = 0;
  while (written < limit) {
    while (available < width && at < input.length) {
      bits |= (input[at++] ?? 0) << available;
      available += 8;
    }
    if (available < width) return written;
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    available -= width;
    if (code === end) return written;
    if (code === clear) {
      next = clear + 2;
      width = minimumWidth + 1;
      continue;
    }
    if (code >= next) return written;
    const start = written;
    if (code < clear) {
      if (output) output[written] = code;
      written++;
    } else {
      const from = starts[code] ?? 0;
      const length = Math.min(lengths[code] ?? 0, limit - written);
      if (output) for (let i = 0; i < length; i++) output[written + i] = output[from + i] ?? 0;
      written += length;
    }
    // The code that this one begins counts only when its last byte is written: the width follows the code before it.
    if (next === 1 << width && width < 12) width++;
    if (next < 4096) {
      starts[next] = start;
      lengths[next] = written - start + 1;
      next++;
    }
  }
  return written;
}
