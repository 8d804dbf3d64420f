import sharp from 'sharp';

/** Writes a gray 512 x 512 image of made-up cells: bright rims, darker insides, noise. Always the same bytes. */
export async function exampleImage(path) {
  const size = 512;
  // A linear congruential generator (Numerical Recipes): good enough for a picture.
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const cells = Array.from({ length: 40 }, () => ({
    x: random() * size,
    y: random() * size,
    radius: 20 + 25 * random(),
    phase: 6.28 * random(),
  }));
  const pixels = new Uint8Array(size * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let value = 70 + 20 * Math.sin(x / 150) + 25 * random();
      for (const cell of cells) {
        const angle = Math.atan2(y - cell.y, x - cell.x);
        const rim = cell.radius * (1 + 0.15 * Math.sin(3 * angle + cell.phase));
        const distance = Math.hypot(x - cell.x, y - cell.y) - rim;
        if (distance < 0) value = Math.max(value, 110 + 20 * random());
        value += 90 * Math.exp(-(distance * distance) / 12);
      }
      pixels[y * size + x] = Math.min(255, value);
    }
  }
  await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .png()
    .toFile(path);
}
