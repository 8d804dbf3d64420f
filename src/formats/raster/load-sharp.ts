/** sharp, for reading. It is imported on demand, because most files never need it. */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  const { default: sharp } = await import('sharp');
  // Otherwise libvips keeps 50 MB of what it decoded last, although each file is decoded once.
  sharp.cache(false);
  return sharp;
}
