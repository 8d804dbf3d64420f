import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { loadSharp } from '../raster/load-sharp.js';
import { type Page, Photometric } from './page.js';

/**
 * Decodes a page whose compression only libtiff has here. libvips shows white-is-zero as it looks, so 0 and 1 are
 * changed back. The result is interleaved, of 8 bits.
 */
export async function readPageBySharp(
  path: string,
  index: number,
  { width, height, samples, bits, photometric, compression }: Page,
): Promise<Uint8Array | Failure> {
  const unread = failure('compression-unread', { path, format: 'TIFF', compression: compression.name });
  if (bits !== 1 && bits !== 8) return unread;
  try {
    const sharp = await loadSharp();
    const image = sharp(path, { page: index, failOn: 'error', limitInputPixels: false });
    const plain = samples === 1 ? image.toColourspace('b-w') : image;
    const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height || info.channels !== samples) return unread;
    if (bits === 8) return photometric === Photometric.whiteIsZero ? data.map((value) => 255 - value) : data;
    const white = photometric === Photometric.whiteIsZero ? 0 : 1;
    return data.map((value) => (value > 127 ? white : 1 - white));
  } catch (error) {
    return failure('elements-damaged', { path, format: 'TIFF', reason: reasonOf(error) });
  }
}
