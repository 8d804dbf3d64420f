import { deflateSync } from 'node:zlib';
import type { PageArray } from '../page-data.js';

type Numbers = Uint8Array | Uint16Array | Uint32Array;

/** Each number but the first as its difference from the one before, modulo the type's range. */
function differencesOf(numbers: Numbers): Numbers {
  const result = numbers.slice();
  // `as number`: within the length, which both arrays have.
  for (let i = result.length - 1; i > 0; i--) result[i] = (numbers[i] as number) - (numbers[i - 1] as number);
  return result;
}

/** The bytes of the numbers, all lowest ones first: bytes of one significance are alike. */
function bytesBySignificance(numbers: Numbers): Uint8Array {
  if (numbers instanceof Uint8Array) return numbers;
  const { length, BYTES_PER_ELEMENT: size } = numbers;
  const result = new Uint8Array(length * size);
  for (let byte = 0; byte < size; byte++) {
    const shift = 8 * byte;
    // Within the length.
    for (let i = 0; i < length; i++) result[byte * length + i] = (numbers[i] as number) >>> shift;
  }
  return result;
}

/**
 * An array as an element of a page, and what its reader has to know.
 *
 * @param smooth whether neighbours are alike, as in images; labels are kept as they are
 */
export function embedArray(
  id: string,
  numbers: Numbers,
  smooth: boolean,
): { readonly array: PageArray; readonly html: string } {
  const bytes = deflateSync(bytesBySignificance(smooth ? differencesOf(numbers) : numbers));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const size = numbers.BYTES_PER_ELEMENT;
  return {
    array: { id, bytes: size === 1 ? 1 : size === 2 ? 2 : 4, length: numbers.length, differences: smooth },
    html: `<script type="application/octet-stream" id="${id}">${text}</script>`,
  };
}
