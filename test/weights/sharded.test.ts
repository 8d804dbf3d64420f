import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readWeightsFile } from '../../src/runtime/files/read-weights-file.js';
import { compiled } from './torch-networks.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-sharded-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { graph } = compiled(
  'unet N { input = 1 x 4 x 4; classes = 2; depth = 1; channels = 1; padding = same }',
);

test.each<[string, unknown, object]>([
  [
    'an index of several files is not a TensorFlow.js model',
    { metadata: {}, weight_map: { b: '2.safetensors', a: '1.safetensors', c: '2.safetensors' } },
    { code: 'weights-sharded', args: { files: ['1.safetensors', '2.safetensors'] } },
  ],
  ['a model of TensorFlow.js', { modelTopology: {}, weightsManifest: [] }, { code: 'weights-mismatch' }],
  ['other JSON', { weight_map: {} }, { code: 'weights-mismatch' }],
])('%s', (_, content, failed) => {
  const path = join(folder, 'model.safetensors.index.json');
  writeFileSync(path, JSON.stringify(content));
  expect(readWeightsFile(path, graph)).toMatchObject(failed);
});
