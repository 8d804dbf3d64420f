/**
 * Pictures and volumes are { shape: (1, C, ...spatial), data } with values from 0 to 1; of a volume the middle slice
 * is shown.
 */

/** Made-up cells: bright rims, gray insides, noise. Always the same for the same shape. */
export function madeUpCells(channels, spatial) {
  const random = randomNumbers(1);
  // Places are fractions of the picture. Without a depth there is one slice, and all cells lie in it.
  const [depth, height, width] = spatial.length === 3 ? spatial : [1, ...spatial];
  const cells = Array.from({ length: 14 }, () => ({
    z: depth === 1 ? 0.5 : random(),
    y: random(),
    x: random(),
    radius: 0.06 + 0.08 * random(),
  }));
  const size = depth * height * width;
  const plane = new Float32Array(size);
  for (let i = 0; i < size; i += 1) {
    const x = ((i % width) + 0.5) / width;
    const y = ((Math.floor(i / width) % height) + 0.5) / height;
    const z = (Math.floor(i / width / height) + 0.5) / depth;
    let value = 0.2 + 0.1 * random();
    for (const cell of cells) {
      const distance = Math.hypot(z - cell.z, y - cell.y, x - cell.x) - cell.radius;
      if (distance < 0) value = Math.max(value, 0.45);
      value += 0.45 * Math.exp(-((distance / 0.015) ** 2));
    }
    plane[i] = Math.min(1, value);
  }
  return stack(Array(channels).fill(plane), spatial);
}

/**
 * A picture file, cut to the shape's proportions and scaled to its size: in colours for three channels, else in gray.
 * Throws an Error with a sentence for the user.
 */
export async function pictureOfFile(file, channels, spatial) {
  const [height, width] = spatial.slice(-2);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is no picture that this browser can read.`);
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const band = (index) => Float32Array.from({ length: width * height }, (_, i) => data[4 * i + index] / 255);
  const [red, green, blue] = [band(0), band(1), band(2)];
  // ITU-R BT.601, as the command line turns colours into gray.
  const gray = red.map((r, i) => 0.299 * r + 0.587 * green[i] + 0.114 * blue[i]);
  const planes = channels === 3 ? [red, green, blue] : Array(channels).fill(gray);
  const depth = spatial.length === 3 ? spatial[0] : 1;
  return stack(
    planes.flatMap((plane) => Array(depth).fill(plane)),
    spatial,
    channels,
  );
}

/** Shows a picture: the first three channels as colours where there are as many, else the first in gray. */
export function drawPicture(canvas, picture) {
  const { height, width, planes } = middleSlice(picture);
  const [red, green, blue] = planes.length < 3 ? [planes[0], planes[0], planes[0]] : planes;
  draw(canvas, height, width, (i) => [red[i], green[i], blue[i]].map((value) => Math.round(255 * value)));
}

/** Okabe and Ito's colours, which colour-blind people can tell apart; class 0 is nearly black. */
const palette = ['#1d2733', '#e69f00', '#56b4e9', '#009e73', '#f0e442', '#cc79a7', '#d55e00', '#0072b2'];

/**
 * Shows the most probable class of each position, and lists { label, share, colour } of the classes. With one channel
 * there are two classes: 1 where the value is above `threshold`.
 */
export function drawMask(canvas, output, threshold) {
  const { height, width, planes } = middleSlice(output);
  const classOf = (i) => {
    if (planes.length === 1) return planes[0][i] > threshold ? 1 : 0;
    return planes.reduce((best, plane, label) => (plane[i] > planes[best][i] ? label : best), 0);
  };
  const counts = Array(Math.max(2, planes.length)).fill(0);
  draw(canvas, height, width, (i) => {
    const label = classOf(i);
    counts[label] += 1;
    return channelsOf(colourOf(label));
  });
  return counts.map((count, label) => ({ label, share: count / (height * width), colour: colourOf(label) }));
}

function colourOf(label) {
  return palette[label % palette.length];
}

function channelsOf(colour) {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

/** The planes (height x width) of a picture's channels; of a volume those in the middle of its depth. */
function middleSlice({ shape, data }) {
  const [, channels, ...spatial] = shape;
  const [depth, height, width] = spatial.length === 3 ? spatial : [1, ...spatial];
  const area = height * width;
  const planes = Array.from({ length: channels }, (_, channel) => {
    const start = (channel * depth + Math.floor(depth / 2)) * area;
    return data.subarray(start, start + area);
  });
  return { height, width, planes };
}

function draw(canvas, height, width, colourAt) {
  canvas.height = height;
  canvas.width = width;
  const image = new ImageData(width, height);
  for (let i = 0; i < height * width; i += 1) image.data.set([...colourAt(i), 255], 4 * i);
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** Planes one after the other, as (1, C, ...spatial). */
function stack(planes, spatial, channels = planes.length) {
  const data = new Float32Array(planes.reduce((sum, plane) => sum + plane.length, 0));
  let place = 0;
  for (const plane of planes) {
    data.set(plane, place);
    place += plane.length;
  }
  return { shape: [1, channels, ...spatial], data };
}

/** A linear congruential generator (Numerical Recipes): good enough for a picture. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
