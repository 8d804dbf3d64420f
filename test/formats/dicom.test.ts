import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { headerOf } from '../../src/formats/dicom/dicom.js';
import { isDicomFolder } from '../../src/formats/dicom/files.js';
import { type DicomImage, readDicomImage } from '../../src/formats/dicom/image.js';
import { volumeOf } from '../../src/formats/dicom/series.js';
import { formatOf } from '../../src/formats/format-of.js';
import { readArray } from '../../src/formats/read.js';

// No package is found, whatever this machine has.
vi.mock(import('../../src/runtime/files/packages.js'), async (original) => ({
  ...(await original()),
  searchFolders: () => [],
}));

type Value = string | number | Uint8Array;

/** An element in the explicit little-endian form: texts, numbers of 16 bits, or pixels. */
function element(tag: string, value: Value): Buffer {
  const [vr, raw] =
    typeof value === 'number'
      ? ['US', Buffer.from(Uint16Array.of(value).buffer)]
      : typeof value === 'string'
        ? ['UI', Buffer.from(value)]
        : ['OW', Buffer.from(value)];
  const bytes = raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from([vr === 'UI' ? 0 : 32])]);
  const head = Buffer.alloc(vr === 'OW' ? 12 : 8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(Number.parseInt(tag.slice(5), 16), 2);
  head.write(vr, 4);
  if (vr === 'OW') head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

const defaults: Readonly<Record<string, Value>> = {
  '0020,000e': '1.2.3',
  '0020,0032': '-10\\-20\\5',
  '0020,0037': '1\\0\\0\\0\\1\\0',
  '0028,0002': 1,
  '0028,0004': 'MONOCHROME2',
  '0028,0010': 2,
  '0028,0011': 3,
  '0028,0030': '0.7\\0.9',
  '0028,0100': 16,
  '0028,0101': 12,
  '0028,0103': 1,
  '7fe0,0010': new Uint8Array(12),
};

function dicomFile(
  changes: Readonly<Record<string, Value | undefined>> = {},
  syntax = '1.2.840.10008.1.2.1',
) {
  const merged: Record<string, Value | undefined> = { ...defaults, ...changes };
  const elements = Object.keys(merged)
    .sort()
    .flatMap((tag) => {
      const value = merged[tag];
      return value === undefined ? [] : [element(tag, value)];
    });
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), element('0002,0010', syntax), ...elements]);
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-dicom-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function imagesOf(files: readonly Buffer[]): Promise<DicomImage[]> {
  const images: DicomImage[] = [];
  for (const [i, bytes] of files.entries()) {
    const path = join(folder, `IM${i}`);
    writeFileSync(path, bytes);
    const image = await readDicomImage(path);
    if (image instanceof Failure) throw new Error(image.message);
    images.push(image);
  }
  return images;
}

const at = (z: number, changes: Readonly<Record<string, Value | undefined>> = {}) =>
  dicomFile({ '0020,0032': `-10\\-20\\${z}`, ...changes });

describe('without the package', () => {
  test('a file and a folder name the command that installs it', async () => {
    mkdirSync(join(folder, 'ct'));
    writeFileSync(join(folder, 'ct', 'IM0001'), dicomFile());
    writeFileSync(join(folder, 'a.dcm'), dicomFile());
    for (const name of ['ct', 'a.dcm']) {
      const path = join(folder, name);
      expect(await readArray(path)).toMatchObject({
        code: 'package-missing',
        args: { path, package: '@itk-wasm/dicom', command: 'npm install @itk-wasm/dicom' },
      });
    }
  });
});

describe('detection', () => {
  test('files by their content, also where the bytes before are a TIFF', () => {
    const bytes = dicomFile();
    expect(formatOf('IM0001', bytes)).toBe('DICOM');
    bytes.write('II*\0', 'latin1');
    expect(formatOf('a.dcm', bytes)).toBe('DICOM');
  });

  test.each([
    ['slices without endings', { IM1: dicomFile(), IM2: dicomFile() }, true],
    ['slices, texts and an index', { 'a.dcm': dicomFile(), 'a.txt': '', DICOMDIR: '' }, true],
    ['a picture among them', { 'a.dcm': dicomFile(), 'b.png': '' }, false],
    ['channels', { 'a_0000.nii': '', 'a_0001.nii': '' }, false],
    ['nothing', {}, false],
  ])('a folder of %s', (_, files, expected) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    expect(isDicomFolder(folder)).toBe(expected);
  });
});

describe('a series', () => {
  test('lies in the order of its places, whatever the names are', async () => {
    const volume = volumeOf(await imagesOf([at(10), at(5), at(7.5)]));
    if ('case' in volume) throw new Error(volume.case);
    expect(volume.planes.map(({ image }) => image)).toEqual([1, 2, 0]);
    expect(volume.geometry).toMatchObject({
      affine: [
        [-0.9, 0, 0, 10],
        [0, -0.7, 0, 20],
        [0, 0, 2.5, 5],
        [0, 0, 0, 1],
      ],
      spacing: [2.5, 0.7, 0.9],
      unit: 'mm',
      orientation: 'LPS',
    });
  });

  test('has one scale, or numbers with the scale of each slice', async () => {
    const scaled = (z: number, slope: string) => at(z, { '0028,1052': '-1024', '0028,1053': slope });
    const headerFor = async (slopes: readonly string[]) => {
      const images = await imagesOf(slopes.map((slope, i) => scaled(i, slope)));
      const volume = volumeOf(images);
      if ('case' in volume) throw new Error(volume.case);
      return headerOf('a', images, volume);
    };
    expect(await headerFor(['2', '2.0'])).toMatchObject({
      type: 'int16',
      bits: 12,
      scale: { slope: 2, intercept: -1024 },
    });
    expect(await headerFor(['2', '3'])).toMatchObject({ type: 'float64', scale: undefined });
  });

  test.each([
    ['a missing slice', [at(0), at(1), at(3)], { case: 'uneven', most: 2, least: 1 }],
    ['two slices at a place', [at(0), at(1), at(1)], { case: 'same-place' }],
    ['a tilted gantry', [at(0), at(1, { '0020,0032': '-10\\-19\\1' })], { case: 'tilted', degrees: 45 }],
    ['two series', [at(0), at(1, { '0020,000e': '4' })], { case: 'several' }],
    ['two sizes', [at(0), at(1, { '0028,0010': 1 })], { case: 'sizes', size: [2, 3], otherSize: [1, 3] }],
    ['two types', [at(0), at(1, { '0028,0103': 0 })], { case: 'types' }],
    ['two directions', [at(0), at(1, { '0020,0037': '0\\1\\0\\1\\0\\0' })], { case: 'directions' }],
    ['two spacings', [at(0), at(1, { '0028,0030': '0.7\\1' })], { case: 'spacings' }],
    ['no places', [at(0), at(1, { '0020,0032': undefined })], { case: 'unplaced' }],
    ['skew directions', [at(0, { '0020,0037': '1\\0\\0\\0.5\\1\\0' })], { case: 'not-orthogonal' }],
  ])('with %s is refused', async (_, files, problem) => {
    expect(volumeOf(await imagesOf(files))).toMatchObject(problem);
  });
});

describe('a file', () => {
  test.each([
    ['colours', dicomFile({ '0028,0002': 3, '0028,0004': 'RGB' }), 'element-type-unread'],
    ['a palette', dicomFile({ '0028,0004': 'PALETTE COLOR' }), 'element-type-unread'],
    ['single bits', dicomFile({ '0028,0100': 1, '0028,0101': 1 }), 'element-type-unread'],
    ['JPEG of 12 bits', dicomFile({}, '1.2.840.10008.1.2.4.51'), 'compression-unread'],
    ['a video', dicomFile({}, '1.2.840.10008.1.2.4.102'), 'compression-unread'],
    ['too few pixels', dicomFile({ '7fe0,0010': new Uint8Array(10) }), 'elements-missing'],
    ['no pixels', dicomFile({ '7fe0,0010': undefined }), 'header-damaged'],
    ['no sizes', dicomFile({ '0028,0010': 0 }), 'header-damaged'],
    ['a cut header', dicomFile().subarray(0, 200), 'header-damaged'],
    ['a place that is not a number', dicomFile({ '0020,0032': '1\\x\\3' }), 'header-damaged'],
    ['a slope of 0', dicomFile({ '0028,1053': '0' }), 'header-damaged'],
  ])('with %s is refused', async (_, bytes, code) => {
    const path = join(folder, 'a.dcm');
    writeFileSync(path, bytes);
    expect(await readDicomImage(path)).toMatchObject({ code, args: { path } });
  });
});
