import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { connectedComponents } from '../../src/objects/components/connected-components.js';
import { cocoDocument } from '../../src/objects/export/coco.js';
import type { ObjectClass } from '../../src/objects/export/exported-objects.js';
import { imageJRois, imageJRoiZip } from '../../src/objects/export/imagej-roi.js';
import { outlinesOf } from '../../src/objects/export/outlines.js';
import { qupathFeatures, qupathGeoJson } from '../../src/objects/export/qupath.js';
import type { LabelImage } from '../../src/objects/label-array.js';
import { postprocess } from '../../src/objects/postprocess/postprocess.js';
import { parsePostprocessing } from '../../src/objects/postprocess/step-text.js';
import { distanceTransform } from '../../src/objects/watershed/distance-transform.js';
import { flood } from '../../src/objects/watershed/flood.js';
import { highPeaks } from '../../src/objects/watershed/peaks.js';
import { smooth } from '../../src/objects/watershed/smooth.js';
import { peersPython } from '../formats/peers-python.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { randomMaps } from './random-maps.js';

/** What peers/objects_peers.py writes. */
interface Answers {
  readonly components: readonly {
    /** By connectivity, from 1. */
    readonly labels: readonly (readonly number[])[];
    readonly holes: readonly (readonly number[])[];
    readonly small: readonly (readonly number[])[];
  }[];
  readonly flooded: readonly (readonly number[])[];
  readonly smoothed: readonly (readonly number[])[];
  readonly polygons: readonly (readonly {
    readonly valid: boolean;
    readonly area: number;
    readonly mask: readonly number[];
    readonly ccw: boolean;
  }[])[];
  readonly rois: readonly (readonly {
    readonly name: string;
    readonly position: number;
    readonly mask: readonly number[];
  }[])[];
  readonly coco: readonly {
    readonly mask: readonly number[];
    readonly area: number;
    readonly bbox: readonly number[];
    readonly counts: string;
  }[];
}

const classes: readonly ObjectClass[] = [
  { name: 'background', color: [0, 0, 0] },
  { name: 'nucleus', color: [255, 0, 0] },
  { name: 'cell', color: [0, 128, 255] },
  { name: 'wall', color: [1, 2, 3] },
];

const maps = [...randomMaps(100, 2, 36), ...randomMaps(40, 3, 12)];
const objects = maps.map(({ labels, shape }) => ({ ...connectedComponents(labels, shape), shape, classes }));
const document = cocoDocument(objects.map((one, i) => ({ name: `${i}.png`, objects: one })));

/** Distances of a map, smoothed, and their peaks: what the watershed of the distance floods. */
function floodOf({ labels, shape }: LabelImage, seed: number) {
  const random = randomNumbers(seed);
  const mask = Uint8Array.from(labels, (label) => (label === 0 ? 0 : 1));
  // Heights without equals, of which the order of a flood would depend.
  const levels = Float32Array.from(mask, () => random());
  const axes = 1 + (seed % shape.length);
  const { peaks } = highPeaks(levels, mask, shape, axes, 0.3);
  for (let i = 0; i < levels.length; i++) levels[i] = -(levels[i] ?? 0);
  return { shape, axes, levels, seeds: peaks, mask };
}

const floods = maps.map(floodOf);
const spacings = maps.map(({ shape }, i) => shape.map((_, axis) => 1 + ((i + axis) % 3) / 2));
const sigmas = maps.map(({ shape }, i) => shape.map((_, axis) => 0.5 + ((i + axis) % 4) / 3));

const python = peersPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-objects-'));
afterAll(() => rmSync(folder, { recursive: true }));

function asked(): Answers {
  const input = JSON.stringify({
    maps: maps.map(({ labels, shape }, i) => ({
      ...{ shape, labels: [...labels], spacing: spacings[i], sigmas: sigmas[i] },
      ...{
        geoJson: [...qupathGeoJson(objects[i] ?? never(), 'detection')].join(''),
        rois: Buffer.concat([...imageJRoiZip(objects[i] ?? never())]).toString('base64'),
      },
    })),
    floods: floods.map((one) => ({
      ...one,
      ...{ levels: [...one.levels], seeds: [...one.seeds], mask: [...one.mask] },
    })),
    coco: document,
  });
  const script = join(import.meta.dirname, 'peers', 'objects_peers.py');
  // The script writes this form.
  return JSON.parse(
    execFileSync(python ?? '', [script, folder], { input, maxBuffer: 2 ** 28 }).toString(),
  ) as Answers;
}

/** The same components, numbered in the row-major order of their first positions. */
function inOrder(labels: readonly number[]): readonly number[] {
  const numbers = new Map([[0, 0]]);
  return labels.map((label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
}

function never(): never {
  throw new Error('there is no such case');
}

function applied(map: LabelImage, text: string): readonly number[] {
  const steps = parsePostprocessing([text]);
  const result = steps instanceof Failure ? steps : postprocess(map, steps);
  if (result instanceof Failure) throw new Error(result.message);
  return [...result];
}

describe.skipIf(python === undefined)('with peers', () => {
  const answers = python === undefined ? undefined : asked();
  const each = maps.map((map, i) => ({ map, i, objects: objects[i] ?? never() }));

  test('components are those of skimage.measure.label', () => {
    for (const { map, i } of each) {
      for (const [k, labels] of (answers?.components[i]?.labels ?? never()).entries()) {
        const found = connectedComponents(map.labels, map.shape, k + 1).labels;
        // scikit-image turns maps with an axis of 1 or 2 positions, and so numbers them in another order.
        expect([...found]).toEqual(inOrder(labels));
      }
    }
  });

  test('small objects are those of skimage.morphology.remove_small_objects', () => {
    for (const { map, i } of each) {
      for (const [k, small] of (answers?.components[i]?.small ?? never()).entries()) {
        expect(applied(map, `min-size: 4, connectivity ${k + 1}`)).toEqual(small);
      }
    }
  });

  test('holes of one class are those of scipy.ndimage.binary_fill_holes', () => {
    for (const { map, i } of each) {
      const one = { shape: map.shape, labels: map.labels.map((label) => (label === 0 ? 0 : 1)) };
      for (const [k, holes] of (answers?.components[i]?.holes ?? never()).entries()) {
        expect(applied(one, `fill-holes, connectivity ${k + 1}`)).toEqual(holes);
      }
    }
  });

  test('floods are those of skimage.segmentation.watershed', () => {
    for (const [i, { levels, seeds, mask, shape, axes }] of floods.entries()) {
      const basins = seeds.slice();
      flood(levels, basins, mask, shape, axes);
      expect([...basins]).toEqual(answers?.flooded[i]);
    }
  });

  test('distances and Gaussians are those of scipy.ndimage', () => {
    for (const { map, i } of each) {
      if (map.labels.every((label) => label !== 0)) continue;
      const distances = distanceTransform((at) => map.labels[at] === 0, map.shape, spacings[i]);
      smooth(distances, map.shape, sigmas[i] ?? never());
      for (const [at, value] of (answers?.smoothed[i] ?? never()).entries()) {
        expect(Math.abs((distances[at] ?? 0) - value)).toBeLessThan(1e-9);
      }
    }
  });

  test('polygons are valid for shapely, and cover the same pixels', () => {
    for (const { i, objects: own } of each) {
      const features = [...qupathFeatures(own, 'detection')];
      const found = answers?.polygons[i] ?? never();
      expect(found).toHaveLength(features.length);
      const area = (own.shape.at(-1) ?? 0) * (own.shape.at(-2) ?? 0);
      for (const [k, { geometry, properties }] of features.entries()) {
        const start = (geometry.plane?.z ?? 0) * area;
        const plane = own.labels.subarray(start, start + area);
        const mask = Array.from(plane, (label) => (`${label}` === properties.name ? 1 : 0));
        const size = mask.filter((one) => one === 1).length;
        expect(found[k]).toEqual({ valid: true, area: size, mask, ccw: true });
      }
    }
  });

  test('roifile reads the archives, with the same masks', () => {
    for (const { i, objects: own } of each) {
      const redrawn = new Int32Array(own.labels.length);
      const area = (own.shape.at(-1) ?? 0) * (own.shape.at(-2) ?? 0);
      const found = answers?.rois[i] ?? never();
      expect(found.map(({ name }) => `${name}.roi`)).toEqual([...imageJRois(own)].map(({ name }) => name));
      for (const { name, position, mask } of found) {
        expect(position > 0).toBe(own.shape.length === 3);
        const start = Math.max(0, position - 1) * area;
        for (const [at, inside] of mask.entries()) {
          if (inside === 1) redrawn[start + at] = Number.parseInt(name, 10);
        }
      }
      expect(redrawn).toEqual(own.labels);
    }
  });

  test('pycocotools loads the document, with the same masks, areas, boxes and texts', () => {
    expect(answers?.coco).toHaveLength(document.annotations.length);
    let next = 0;
    for (const own of objects) {
      const area = (own.shape.at(-1) ?? 0) * (own.shape.at(-2) ?? 0);
      for (let start = 0; start < own.labels.length; start += area) {
        const labels = own.labels.subarray(start, start + area);
        const size = [own.shape.at(-2) ?? 0, own.shape.at(-1) ?? 0] as const;
        for (const { object } of outlinesOf({ labels, height: size[0], width: size[1] })) {
          const annotation = document.annotations[next] ?? never();
          expect(answers?.coco[next]).toEqual({
            mask: Array.from(labels, (label) => (label === object ? 1 : 0)),
            area: annotation.area,
            bbox: [...annotation.bbox],
            counts: annotation.segmentation.counts,
          });
          next++;
        }
      }
    }
    expect(next).toBe(document.annotations.length);
  });
});
