/** A TIFF of uncompressed gray pages, 8 or 16 bits after the type of the pages, by the TIFF 6.0 specification. */
export function tiff(pages: readonly (Uint8Array | Uint16Array)[], width: number): Uint8Array {
  const bits = pages[0] instanceof Uint16Array ? 16 : 8;
  const [tags, entry] = [9, 12];
  const directory = 2 + tags * entry + 4;
  const size = pages.reduce((sum, page) => sum + page.byteLength + directory, 8);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  let at = 8;
  view.setUint32(4, at, true);
  for (const [i, page] of pages.entries()) {
    const height = page.length / width;
    const strip = at + directory;
    const fields = [
      [256, width],
      [257, height],
      [258, bits],
      [259, 1],
      [262, 1],
      [273, strip],
      [277, 1],
      [278, height],
      [279, page.byteLength],
    ];
    view.setUint16(at, tags, true);
    for (const [k, [tag = 0, value = 0]] of fields.entries()) {
      const place = at + 2 + k * entry;
      view.setUint16(place, tag, true);
      // Type 4: a 32-bit number, one of it.
      view.setUint16(place + 2, 4, true);
      view.setUint32(place + 4, 1, true);
      view.setUint32(place + 8, value, true);
    }
    bytes.set(new Uint8Array(page.buffer, page.byteOffset, page.byteLength), strip);
    at = strip + page.byteLength;
    view.setUint32(strip - 4, i === pages.length - 1 ? 0 : at, true);
  }
  return bytes;
}
