import { ZSTDDecoder } from 'zstddec';

let decoder: Promise<ZSTDDecoder> | undefined;

async function newDecoder(): Promise<ZSTDDecoder> {
  const result = new ZSTDDecoder();
  await result.init();
  return result;
}

/** The size that the header of a ZSTD frame states, or undefined where it states none (RFC 8878, 3.1.1.1). */
function statedSize(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 18 || view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const descriptor = view.getUint8(4);
  const single = (descriptor >> 5) & 1;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return single ? view.getUint8(at) : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** Decodes ZSTD to at most `most` bytes. */
export async function decodeZstd(
  bytes: Uint8Array,
  most: number,
): Promise<Uint8Array | { readonly reason: string }> {
  const stated = statedSize(bytes);
  if (stated !== undefined && stated > most) {
    return { reason: `it states ${stated} bytes, but its sizes give at most ${most}` };
  }
  decoder ??= newDecoder();
  return (await decoder).decode(bytes, stated ?? most);
}
