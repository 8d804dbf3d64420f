import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { readVolume } from '../data/read-volume.js';
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
  unet(['data', 'cells', '--out', 'flat', '--count', '1', '--size', '24 x 32'], work);
});
afterAll(() => rmSync(work, { recursive: true }));

const run = (net: string, input: string, output: string) =>
  unet(['run', net, '--input', input, '-o', output, '--threads', '1'], work);

test('a NIfTI volume becomes one of labels at its place, the same as those of the numbers as .npy', async () => {
  expect(run('net3.unet', volume, 'labels.nii.gz')).toMatchObject({ code: 0 });
  const [source, labels] = [await readVolume(at(volume)), await readVolume(at('labels.nii.gz'))];
  if (source instanceof Failure || labels instanceof Failure) throw new Error('a volume cannot be read');
  expect(labels.volume.shape).toEqual([16, 24, 32]);
  expect(labels.header.type).toBe('uint8');
  expect(labels.header.geometry?.spacing).toEqual([2, 1, 1]);
  expect(labels.header.geometry?.affine).toEqual(source.header.geometry?.affine);
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
  ['net3.unet', 'image.png', 'a.nii.gz', 1, /error\[unexpected-axes\]: .*image\.png.*24 x 32/],
  ['net3.unet', volume, 'a.png', 1, /error\[mask-not-2d\]: .*16 x 24 x 32/],
  ['net3.unet', 'nowhere.nii.gz', 'a.nii.gz', 1, /error\[file-unreadable\]: .*nowhere\.nii\.gz/],
  ['net3.unet', 'damaged.nii.gz', 'a.nii.gz', 1, /damaged\.nii\.gz/],
])('%s with %s to %s is refused', (net, input, output, code, message) => {
  writeFileSync(at('image.png'), readFileSync(at('flat/images/cells-001.png')));
  writeFileSync(at('damaged.nii.gz'), readFileSync(at(volume)).subarray(0, 1000));
  const outcome = run(net, input, output);
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toMatch(message);
  const lines = outcome.stderr.trimEnd().split('\n');
  expect(lines.filter((line) => !line.startsWith('help: '))).toHaveLength(1);
  expect(existsSync(at(output))).toBe(false);
});
