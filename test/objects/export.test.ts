import { describe, expect, it } from 'vitest';
import { connectedComponents } from '../../src/objects/components/connected-components.js';
import { cocoDocument, compressed } from '../../src/objects/export/coco.js';
import type { ExportedObjects, ObjectClass } from '../../src/objects/export/exported-objects.js';
import { imageJRois, imageJRoiZip } from '../../src/objects/export/imagej-roi.js';
import { outlinesOf, type Ring } from '../../src/objects/export/outlines.js';
import { qupathFeatures, qupathGeoJson } from '../../src/objects/export/qupath.js';
import { zipStored } from '../../src/objects/export/stored-zip.js';
import type { LabelImage } from '../../src/objects/label-array.js';
import { zipEntries } from '../../src/weights/formats/zip-entries.js';
import { randomMaps } from './random-maps.js';

const classes: readonly ObjectClass[] = [
  { name: 'background', color: [0, 0, 0] },
  { name: 'nucleus', color: [255, 0, 0] },
  { name: 'cell/wall', color: [0, 128, 255] },
  { name: 'déchet', color: [1, 2, 3] },
];

function objectsOf({ labels, shape }: LabelImage): ExportedObjects & ReturnType<typeof connectedComponents> {
  return { ...connectedComponents(labels, shape), shape, classes };
}

const images = randomMaps(80, 2, 16);
const volumes = randomMaps(20, 3, 7);

/** The pixels whose centres are inside of rings, by the even-odd rule: a ray to the right crosses an odd number of edges. */
function rasterised(rings: readonly Ring[], height: number, width: number): number[] {
  return Array.from({ length: height * width }, (_, i) => {
    const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    let crossed = 0;
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        const [x0 = 0, y0 = 0] = [ring[k], ring[k + 1]];
        const [x1 = 0, y1 = 0] = [ring[(k + 2) % ring.length], ring[(k + 3) % ring.length]];
        if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) crossed++;
      }
    }
    return crossed % 2;
  });
}

const maskOf = (labels: ArrayLike<number>, object: number) =>
  Array.from(labels, (one) => (one === object ? 1 : 0));

function signedArea(ring: Ring): number {
  let sum = 0;
  for (let k = 0; k < ring.length; k += 2) {
    const [x0 = 0, y0 = 0] = [ring[k], ring[k + 1]];
    const [x1 = 0, y1 = 0] = [ring[(k + 2) % ring.length], ring[(k + 3) % ring.length]];
    sum += (x0 * y1 - x1 * y0) / 2;
  }
  return sum;
}

describe('outlines', () => {
  it('cover exactly the pixels of their objects', () => {
    for (const image of images) {
      const [height = 0, width = 0] = image.shape;
      const { labels, count, sizes } = objectsOf(image);
      const outlines = outlinesOf({ labels, height, width });
      expect(outlines.map(({ object }) => object)).toEqual(Array.from({ length: count }, (_, k) => k + 1));
      for (const { object, polygons, area } of outlines) {
        const rings = polygons.flatMap(({ outer, holes }) => [outer, ...holes]);
        expect(rasterised(rings, height, width)).toEqual(maskOf(labels, object));
        expect(area).toBe(sizes[object]);
        expect(rings.reduce((sum, ring) => sum + signedArea(ring), 0)).toBe(area);
      }
    }
  });

  it('turn at each corner, come to no point twice, and go the right way around', () => {
    for (const image of images) {
      const [height = 0, width = 0] = image.shape;
      for (const { polygons } of outlinesOf({ labels: image.labels, height, width })) {
        for (const { outer, holes } of polygons) {
          expect(signedArea(outer)).toBeGreaterThan(0);
          for (const hole of holes) expect(signedArea(hole)).toBeLessThan(0);
          for (const ring of [outer, ...holes]) {
            const points = Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k], ring[2 * k + 1]]);
            expect(new Set(points.map(String)).size).toBe(points.length);
            for (const [k, [x, y]] of points.entries()) {
              const [before, after] = [points.at(k - 1), points[(k + 1) % points.length]];
              // A corner is on a horizontal and on a vertical edge.
              expect([before?.[0] === x, before?.[1] === y].filter(Boolean)).toHaveLength(1);
              expect(before?.[0] === x).toBe(after?.[1] === y);
            }
          }
        }
      }
    }
  });

  it('meet in points only: a ring of pixels that touches itself at a corner has a hole', () => {
    const rows = ['1110', '1001', '1001', '1111'];
    const labels = Uint8Array.from(rows.join(''), Number);
    const [outline] = outlinesOf({ labels, height: 4, width: 4 });
    expect(outline?.polygons).toEqual([
      {
        outer: [0, 0, 3, 0, 3, 1, 4, 1, 4, 4, 0, 4],
        holes: [[3, 1, 1, 1, 1, 3, 3, 3]],
      },
    ]);
    const diagonal = outlinesOf({ labels: Uint8Array.of(1, 0, 0, 1), height: 2, width: 2 });
    expect(diagonal[0]?.polygons).toHaveLength(2);
  });
});

describe('GeoJSON for QuPath', () => {
  it('has a feature for each object, with its class and its closed rings', () => {
    for (const image of images) {
      const [height = 0, width = 0] = image.shape;
      const objects = objectsOf(image);
      const features = [...qupathFeatures(objects, 'detection')];
      expect(features).toHaveLength(objects.count);
      for (const [k, { geometry, properties }] of features.entries()) {
        const value = objects.values[k + 1] ?? 0;
        expect(properties).toEqual({
          objectType: 'detection',
          name: `${k + 1}`,
          classification: classes[value],
        });
        const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
        const rings = polygons.flat();
        for (const ring of rings) expect(ring.at(-1)).toEqual(ring[0]);
        const open = rings.map((ring) => ring.slice(1).flat());
        expect(rasterised(open, height, width)).toEqual(maskOf(objects.labels, k + 1));
        expect(geometry).not.toHaveProperty('plane');
      }
    }
  });

  it('has a feature for each slice of an object of a volume', () => {
    for (const volume of volumes) {
      const [depth = 0, height = 0, width = 0] = volume.shape;
      const objects = objectsOf(volume);
      const redrawn = new Int32Array(objects.labels.length);
      for (const { geometry, properties } of qupathFeatures(objects, 'annotation')) {
        const z = geometry.plane?.z ?? -1;
        expect(geometry.plane).toEqual({ c: -1, z, t: 0 });
        expect(z).toBeLessThan(depth);
        const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
        const mask = rasterised(
          polygons.flat().map((ring) => ring.slice(1).flat()),
          height,
          width,
        );
        for (const [i, inside] of mask.entries())
          if (inside) redrawn[z * height * width + i] = Number(properties.name);
      }
      expect(redrawn).toEqual(objects.labels);
    }
  });

  it('is a document, also without objects', () => {
    const [image] = images;
    if (!image) throw new Error('there is no image');
    const objects = objectsOf(image);
    expect(JSON.parse([...qupathGeoJson(objects, 'annotation')].join(''))).toEqual({
      type: 'FeatureCollection',
      features: [...qupathFeatures(objects, 'annotation')],
    });
    const none = objectsOf({ labels: new Uint8Array(4), shape: [2, 2] });
    expect(JSON.parse([...qupathGeoJson(none, 'annotation')].join(''))).toEqual({
      type: 'FeatureCollection',
      features: [],
    });
  });

  it('exports whole classes of a map', () => {
    const map = { labels: Uint8Array.of(1, 0, 1, 2), shape: [1, 4] };
    const features = [...qupathFeatures({ ...map, values: [0, 1, 2, 3], classes }, 'annotation')];
    expect(features.map(({ geometry }) => geometry.type)).toEqual(['MultiPolygon', 'Polygon']);
    expect(() => [...qupathFeatures({ ...map, values: [0, 7], classes }, 'annotation')]).toThrow();
    expect(() => [
      ...qupathFeatures({ ...map, shape: [1, 1, 1, 4], values: [], classes }, 'annotation'),
    ]).toThrow();
  });
});

/** The rings of a .roi file, as ij.io.RoiDecoder reads it. */
function readRoi(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('Iout');
  const [type, points, size] = [view.getUint8(6), view.getUint16(16), view.getInt32(36)];
  const rings: number[][] = [];
  if (size > 0) {
    expect(type).toBe(1);
    let at = 0;
    const next = () => view.getFloat32(64 + 4 * at++);
    while (at < size) {
      const step = next();
      if (step === 0) rings.push([]);
      if (step === 4) continue;
      expect([0, 1]).toContain(step);
      rings.at(-1)?.push(next(), next());
    }
  } else {
    expect(type).toBe(8);
    const [top, left] = [view.getInt16(8), view.getInt16(10)];
    const of = (index: number) => view.getInt16(64 + 2 * index);
    rings.push(Array.from({ length: points }, (_, i) => [left + of(i), top + of(points + i)]).flat());
  }
  const header2 = view.getInt32(60);
  const [nameAt, length] = [view.getInt32(header2 + 16), view.getInt32(header2 + 20)];
  const name = String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint16(nameAt + 2 * i)));
  const box = [8, 10, 12, 14].map((offset) => view.getUint16(offset));
  return { rings, name, slice: view.getInt32(56), color: view.getUint32(40), box, isComposite: size > 0 };
}

describe('ROIs for ImageJ', () => {
  it('cover exactly the pixels of their objects', () => {
    let composites = 0;
    for (const image of [...images, ...volumes]) {
      const [height = 0, width = 0] = image.shape.slice(-2);
      const objects = objectsOf(image);
      const redrawn = new Int32Array(objects.labels.length);
      for (const { name: file, bytes } of imageJRois(objects)) {
        const { rings, name, slice, color, box, isComposite } = readRoi(bytes);
        if (isComposite) composites++;
        expect(file).toBe(`${name}.roi`);
        expect(name).not.toContain('/');
        const object = Number.parseInt(name, 10);
        const [red = 0, green = 0, blue = 0] = classes[objects.values[object] ?? 0]?.color ?? [];
        expect(color).toBe(0xff000000 + red * 65536 + green * 256 + blue);
        expect(slice > 0).toBe(image.shape.length === 3);
        const all = rings.flat();
        const [x, y] = [all.filter((_, i) => i % 2 === 0), all.filter((_, i) => i % 2 === 1)];
        expect(box).toEqual([Math.min(...y), Math.min(...x), Math.max(...y), Math.max(...x)]);
        const offset = Math.max(0, slice - 1) * height * width;
        for (const [i, inside] of rasterised(rings, height, width).entries()) {
          if (inside) redrawn[offset + i] = object;
        }
      }
      expect(redrawn).toEqual(objects.labels);
    }
    expect(composites).toBeGreaterThan(10);
  });

  it('are composite selections where a polygon would have too large coordinates', () => {
    const labels = new Uint8Array(70_000);
    labels.fill(1, 60_530, 60_540);
    const [roi] = imageJRois({ labels, shape: [1, 70_000], values: [0, 1], classes });
    expect(readRoi(roi?.bytes ?? new Uint8Array())).toMatchObject({
      isComposite: true,
      rings: [[60_530, 0, 60_540, 0, 60_540, 1, 60_530, 1]],
    });
  });

  it('are in an archive whose bytes depend on the objects alone', () => {
    const [, image] = images;
    if (!image) throw new Error('there is no image');
    const objects = objectsOf(image);
    const archive = Buffer.concat([...imageJRoiZip(objects)]);
    expect(Buffer.concat([...imageJRoiZip(objects)])).toEqual(archive);
    const reading = zipEntries({
      size: archive.length,
      read: (offset, length) => archive.subarray(offset, offset + length),
    });
    if (!reading.ok) throw new Error(reading.found);
    const files = [...imageJRois(objects)];
    expect(reading.entries.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
    for (const [k, { offset, size }] of reading.entries.entries()) {
      expect(Uint8Array.from(archive.subarray(offset, offset + size))).toEqual(files[k]?.bytes);
    }
  });

  it('can be more than 65,535', () => {
    const bytes = new Uint8Array(1);
    const files = Array.from({ length: 65_535 }, (_, i) => ({ name: `${i}`, bytes }));
    const archive = Buffer.concat([...zipStored(files)]);
    const reading = zipEntries({
      size: archive.length,
      read: (offset, length) => archive.subarray(offset, offset + length),
    });
    expect(reading.ok && reading.entries.at(-1)).toMatchObject({ name: '65534', size: 1 });
    expect(reading.ok && reading.entries.length).toBe(65_535);
  });
});

/** The counts of a compressed text, as rleFrString of maskApi.c reads them. */
function countsOf(text: string): number[] {
  const counts: number[] = [];
  let at = 0;
  while (at < text.length) {
    let [value, power, code] = [0, 1, 0];
    do {
      code = text.charCodeAt(at++) - 48;
      value += (code & 31) * power;
      power *= 32;
    } while ((code & 32) !== 0);
    if ((code & 16) !== 0) value -= power;
    counts.push(counts.length > 2 ? value + (counts.at(-2) ?? 0) : value);
  }
  return counts;
}

/** The mask of counts down the columns. */
function decoded(counts: readonly number[], height: number, width: number): number[] {
  const mask = Array.from({ length: height * width }, () => 0);
  let at = 0;
  for (const [k, count] of counts.entries()) {
    for (let i = 0; i < count; i++, at++) {
      mask[(at % height) * width + Math.floor(at / height)] = k % 2;
    }
  }
  expect(at).toBe(height * width);
  return mask;
}

describe('a document of COCO', () => {
  it('has the masks, the areas and the boxes of all objects', () => {
    const files = [...images.slice(0, 30), ...volumes.slice(0, 6)].map((image, i) => ({
      name: `${i}.tif`,
      objects: objectsOf(image),
    }));
    const { images: listed, annotations, categories } = cocoDocument(files);
    expect(categories).toEqual([
      { id: 1, name: 'nucleus' },
      { id: 2, name: 'cell/wall' },
      { id: 3, name: 'déchet' },
    ]);
    expect(annotations.map(({ id }) => id)).toEqual(annotations.map((_, k) => k + 1));
    let next = 0;
    for (const { name, objects } of files) {
      const [height = 0, width = 0] = objects.shape.slice(-2);
      const depth = objects.shape.length === 3 ? (objects.shape[0] ?? 0) : 1;
      for (let z = 0; z < depth; z++) {
        const image = listed[next++];
        expect(image).toEqual({
          id: next,
          file_name: depth === 1 && objects.shape.length === 2 ? name : `${name}#${z}`,
          width,
          height,
        });
        const labels = objects.labels.subarray(z * height * width, (z + 1) * height * width);
        const numbers = [...new Set(labels)].filter((one) => one !== 0).sort((a, b) => a - b);
        const own = annotations.filter((one) => one.image_id === image?.id);
        expect(own).toHaveLength(numbers.length);
        for (const [k, { segmentation, area, bbox, category_id, iscrowd }] of own.entries()) {
          const mask = maskOf(labels, numbers[k] ?? 0);
          expect(segmentation.size).toEqual([height, width]);
          expect(decoded(countsOf(segmentation.counts), height, width)).toEqual(mask);
          const places = [...mask.keys()].filter((i) => mask[i] === 1);
          const [xs, ys] = [places.map((i) => i % width), places.map((i) => Math.floor(i / width))];
          const [left, top] = [Math.min(...xs), Math.min(...ys)];
          expect(bbox).toEqual([left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1]);
          expect([area, category_id, iscrowd]).toEqual([places.length, objects.values[numbers[k] ?? 0], 0]);
        }
      }
    }
    expect(next).toBe(listed.length);
  });

  it('writes long runs, also beyond 31 bits', () => {
    const counts = [0, 1, 31, 16, 15, 5, 3_000_000_000, 2, 1, 1_600_000_000, 40];
    expect(countsOf(compressed({ counts }))).toEqual(counts);
  });
});
