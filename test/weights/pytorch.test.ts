import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/diagnostics/codes/weights/weights.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listPyTorch } from '../../src/weights/formats/pytorch-archive.js';
import { builtInMaps } from '../../src/weights/names/built-in-maps.js';
import { compileNameMap } from '../../src/weights/names/name-map.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { fileOf, folderOf, torchFile } from './files-in-memory.js';
import { compiled, torchSpecs } from './torch-networks.js';

/** What the networks of PyTorch gave for an input, and what was in the checkpoint: pytorch/make_files.py. */
interface Values {
  readonly shape: number[];
  readonly values: number[];
}
type Results = Record<string, { input: number[]; output: Values }> & {
  'checkpoint.pt': Record<string, Values>;
};

function resultsOf(folder?: string): Results {
  return JSON.parse(new TextDecoder().decode(torchFile('results.json', folder)));
}

/** A file of PyTorch and the spec of its network, run by onnxruntime, against what PyTorch gave. */
async function differenceFromTorch(name: string, folder?: string): Promise<number> {
  const { map = '', spec = '' } = torchSpecs[name] ?? {};
  const text = builtInMaps.get(map);
  const names = text && compileNameMap(text);
  if (!names?.ok) throw new Error(`no map ${map}`);
  const { graph } = compiled(spec);
  const file = fileOf(torchFile(name, folder));
  const reading = readWeights({ format: 'pytorch', file, openBeside: folderOf({}) }, graph, names.map);
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  const { input: shape = [], output } = resultsOf(folder)[name] ?? {};
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((37 * i) % 101) / 50 - 1);
  const results = await runOnnx(modelBytes(graph, { weights: reading.weights }), { shape, data });
  const found = results.get('output');
  expect(found?.shape).toEqual(output?.shape);
  return relativeError(found?.data ?? [], output?.values ?? []);
}

describe('spec, map and state dict give what PyTorch gives', () => {
  test.each(Object.keys(torchSpecs))('%s', async (name) => {
    expect(await differenceFromTorch(name)).toBeLessThan(1e-5);
  });

  test('with the torch of this machine, where there is one', async ({ skip }) => {
    const script = join(import.meta.dirname, 'pytorch/make_files.py');
    const folder = mkdtempSync(join(tmpdir(), 'unet-torch-'));
    const run = ['python3', '/usr/bin/python3']
      .map((python) => spawnSync(python, [script, folder, '2'], { encoding: 'utf8' }))
      .find(
        ({ status, stderr }) =>
          status === 0 || !/No module named 'torch'|ImportError|ENOENT/.test(stderr ?? 'ENOENT'),
      );
    if (!run) skip('torch is not installed');
    expect(run?.status, run?.stderr).toBe(0);
    for (const name of Object.keys(torchSpecs)) {
      expect(await differenceFromTorch(name, folder), name).toBeLessThan(1e-5);
    }
  });
});

describe('what torch.save wrote', () => {
  test.each([
    'checkpoint.pt',
    'checkpoint-protocol-4.pt',
  ])('%s: a state dict in a checkpoint, of a wrapped network, with other types and strides', (name) => {
    const { tensors, problems } = listPyTorch(fileOf(torchFile(name)));
    const found = tensors.map((tensor) => [
      tensor.name,
      { shape: tensor.shape, values: [...tensor.chunks()].flatMap((chunk) => [...chunk]) },
    ]);
    const expected = resultsOf()['checkpoint.pt'];
    const rounded = Object.entries(expected).map(([key, { shape, values }]) => [
      key,
      { shape, values: values.map(Math.fround) },
    ]);
    expect(found).toEqual(rounded);
    expect(problems).toMatchObject([
      { code: 'unreadable-tensor-type', tensor: 'norm.num_batches_tracked', found: 'I64' },
    ]);
  });

  test.each([
    ['legacy.pth', { case: 'old-format' }, /torch\.load\('old\.pth'/],
    [
      'whole-model.pt',
      { case: 'unknown-global', global: 'torch.nn.modules.conv.Conv2d' },
      /model\.state_dict\(\)/,
    ],
    ['script.pt', { case: 'torchscript' }, /model\.state_dict\(\)/],
  ])('%s is refused, with the remedy', (name, problem, remedy) => {
    const { problems, tensors } = listPyTorch(fileOf(torchFile(name)));
    expect(tensors).toEqual([]);
    expect(problems).toMatchObject([{ code: 'not-a-state-dict', problem }]);
    expect(problems.map(problemText)).toEqual([expect.stringMatching(remedy)]);
  });

  test('no damage to a file is a throw', () => {
    const bytes = torchFile('checkpoint.pt');
    for (let i = 0; i < 1000; i += 1) {
      const copy = Uint8Array.from(bytes);
      // A walk over all bytes, each with another new value.
      copy[(i * 11) % copy.length] = (i * 89 + 13) % 256;
      for (const { chunks } of listPyTorch(fileOf(copy)).tensors) Array.from(chunks());
      listPyTorch(fileOf(bytes.subarray(0, i)));
    }
  });
});
