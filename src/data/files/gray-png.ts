import { Failure } from '../../diagnostics/failure.js';
import { importSharp } from '../../runtime/images/image.js';

/** A gray PNG of 8 or 16 bits, after the type of `data`, (height, width). */
export async function encodeGrayPng(
  data: Uint8Array | Uint16Array,
  height: number,
  width: number,
): Promise<Uint8Array | Failure> {
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  const image = sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false });
  return image
    .toColourspace(data instanceof Uint16Array ? 'grey16' : 'b-w')
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}
