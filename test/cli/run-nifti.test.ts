import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNifti } from '../../src/data/files/nifti.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder, unet } from './unet.js';

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);
const volume = 'set/images/cells-001.nii.gz';

beforeAll(() => {
  work = freshFolder();
  const spec = (input: string) =>
    `unet Net { input = ${input} classes = 3 depth = 2 channels = 4 padding = same }\n`;
  writeFileSync(at('net3.unet'), spec('1 x 16 x 16 x 16'));
  writeFileSync(at('net2.unet'), spec('1 x 16 x 16'));
  const size = ['--size', '16 x 24 x 32', '--spacing', '2 x 1 x 1'];
  unet(['data', 'cells', '--out', 'set', '--count', '1', '--volume', ...size], work);
});
afterAll(() => rmSync(work, { recursive: true }));

const run = (net: string, input: string, output: string) =>
  unet(['run', net, '--input', input, '-o', output, '--threads', '1'], work);

test('a NIfTI volume becomes one of labels at its place, the same as those of the numbers as .npy', () => {
  expect(run('net3.unet', volume, 'labels.nii.gz')).toMatchObject({ code: 0 });
  const [source, labels] = [readNifti(at(volume)), readNifti(at('labels.nii.gz'))];
  if (source instanceof Failure || labels instanceof Failure) throw new Error('a volume cannot be read');
  expect(labels.header).toMatchObject({
    shape: [16, 24, 32],
    spacing: [2, 1, 1],
    type: 'uint8',
    directions: source.header.directions,
  });
  writeFileSync(at('volume.npy'), Buffer.concat([...npyChunks(source.volume)]));
  expect(run('net3.unet', 'volume.npy', 'probabilities.npy').code).toBe(0);
  const bytes = readFileSync(at('probabilities.npy'));
  const start = bytes.length - 4 * 3 * source.volume.data.length;
  const values = Array.from({ length: 3 * source.volume.data.length }, (_, i) =>
    bytes.readFloatLE(start + 4 * i),
  );
  const count = source.volume.data.length;
  const best = Array.from({ length: count }, (_, i) => {
    const three = [0, 1, 2].map((k) => values[k * count + i] ?? 0);
    return three.indexOf(Math.max(...three));
  });
  expect([...labels.volume.data]).toEqual(best);
  expect(new Set(best).size).toBeGreaterThan(1);
});

test.each([
  ['net2.unet', volume, 'a.nii.gz', 1, /error\[array-shape-mismatch\]: .*16 x 24 x 32.*1 x H x W/],
  ['net3.unet', volume, 'a.png', 1, /error\[mask-not-2d\]: .*16 x 24 x 32/],
  ['net3.unet', 'volume.npy', 'a.nii.gz', 2, /error\[incomplete-options\]: -o a\.nii\.gz /],
  ['net3.unet', 'nowhere.nii.gz', 'a.nii.gz', 1, /error\[file-unreadable\]: .*nowhere\.nii\.gz/],
  ['net3.unet', 'damaged.nii.gz', 'a.nii.gz', 1, /damaged\.nii\.gz/],
])('%s with %s to %s is refused', (net, input, output, code, message) => {
  writeFileSync(at('damaged.nii.gz'), readFileSync(at(volume)).subarray(0, 1000));
  const outcome = run(net, input, output);
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toMatch(message);
  const lines = outcome.stderr.trimEnd().split('\n');
  expect(lines.filter((line) => !line.startsWith('help: '))).toHaveLength(1);
  expect(existsSync(at(output))).toBe(false);
});
