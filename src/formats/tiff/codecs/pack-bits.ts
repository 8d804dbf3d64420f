/** Decodes PackBits into `output`, and tells how many bytes it wrote. */
export function decodePackBits(input: Uint8Array, output: Uint8Array): number {
  let written = 0;
  let at = 0;
  while (at < input.length && written < output.length) {
    const control = input[at++] ?? 0;
    if (control < 128) {
      const run = input.subarray(at, at + Math.min(control + 1, output.length - written));
      output.set(run, written);
      written += run.length;
      at += control + 1;
    } else if (control > 128 && at < input.length) {
      const length = Math.min(257 - control, output.length - written);
      output.fill(input[at++] ?? 0, written, written + length);
      written += length;
    }
  }
  return written;
}
