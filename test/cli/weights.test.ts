import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import { writeSafetensors } from '../../src/weights/formats/safetensors-write.js';
import { page } from '../docs/markdown.js';
import { exampleWeights } from '../onnx/example-graphs.js';
import { bytesOf, relativeError } from '../onnx/run-onnx.js';
import { torchFile } from '../weights/files-in-memory.js';
import { compiled, torchSpecs } from '../weights/torch-networks.js';
import { freshFolder, type Outcome, unet } from './unet.js';

const spec = torchSpecs['unet.pth']?.spec ?? '';

/** A folder with a spec, and a state dict of its network that PyTorch made. */
function project(): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'net.unet'), spec);
  writeFileSync(join(folder, 'unet.pth'), torchFile('unet.pth'));
  return folder;
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function convert(folder: string, from: string, to: string, ...more: string[]): Outcome {
  return unet(['weights', 'convert', 'net.unet', '--from', from, '--to', to, ...more], folder);
}

/** A project with the same weights in every format. */
function withAllFormats(): string {
  const folder = project();
  expect(convert(folder, 'unet.pth', 'w.safetensors', '--map', 'milesial')).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(convert(folder, 'w.safetensors', 'w.onnx').code).toBe(0);
  expect(convert(folder, 'w.onnx', 'tfjs/').code).toBe(0);
  return folder;
}

const formats = withAllFormats();

describe('unet weights convert', () => {
  test('there and back changes no byte', () => {
    for (const [i, from] of ['w.onnx', 'tfjs', 'tfjs/model.json'].entries()) {
      expect(convert(formats, from, `again-${i}.safetensors`).code, from).toBe(0);
      expect(sha256(join(formats, `again-${i}.safetensors`)), from).toBe(
        sha256(join(formats, 'w.safetensors')),
      );
    }
  });

  test('says what it wrote, for people and for machines', () => {
    const { stdout } = convert(formats, 'w.onnx', 'out/new/a.safetensors');
    const size = (readFileSync(join(formats, 'out/new/a.safetensors')).length / 1024).toFixed(1);
    const { parameters } = compiled(spec).facts;
    expect(stdout).toBe(
      `wrote out/new/a.safetensors: Net, ${parameters.toLocaleString('en-US')} parameters, ${size} KiB\n`,
    );
    const { stdout: json } = convert(formats, 'w.safetensors', 'out/tfjs/model.json', '--json');
    expect(JSON.parse(json)).toEqual({
      network: 'Net',
      files: ['out/tfjs/model.json', 'out/tfjs/weights-1-of-1.bin'],
      bytes: expect.any(Number),
      params: parameters,
    });
  });

  test('the content says what a file is, not its name', () => {
    copyFileSync(join(formats, 'w.onnx'), join(formats, 'w.safetensors.pth'));
    expect(convert(formats, 'w.safetensors.pth', 'named.safetensors').code).toBe(0);
  });

  test('a file can be replaced by what is made of it, and stays as it was on a failure', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'net.unet'), spec);
    copyFileSync(join(formats, 'w.onnx'), join(folder, 'w.onnx'));
    const before = sha256(join(folder, 'w.onnx'));
    expect(convert(folder, 'w.onnx', 'w.onnx').code).toBe(0);
    expect(sha256(join(folder, 'w.onnx'))).toBe(before);
    writeFileSync(join(folder, 'net.unet'), spec.replace('classes = 2', 'classes = 3'));
    expect(convert(folder, 'w.onnx', 'w.onnx').code).toBe(1);
    expect(sha256(join(folder, 'w.onnx'))).toBe(before);
  });

  test('--set makes the network whose weights they are', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'net.unet'), `param k = 2\n${spec.replace('classes = 2', 'classes = k')}`);
    copyFileSync(join(formats, 'w.onnx'), join(folder, 'w.onnx'));
    expect(convert(folder, 'w.onnx', 'a.safetensors').code).toBe(0);
    const { code, stderr } = convert(folder, 'w.onnx', 'b.safetensors', '--set', 'k=5');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[weights-mismatch\][\s\S]*'head\.conv\[1\]\.bias' has shape 2 .* 5\n/);
  });
});

describe('--weights of build and run', () => {
  test('build makes the same model from a file of any format', () => {
    for (const from of ['unet.pth', 'w.safetensors', 'tfjs']) {
      const map = from === 'unet.pth' ? ['--map', 'milesial'] : [];
      const args = ['build', 'net.unet', '-t', 'onnx', '-o', 'built.onnx', '--weights', from, ...map];
      expect(unet(args, formats), from).toMatchObject({ code: 0, stderr: '' });
      expect(sha256(join(formats, 'built.onnx')), from).toBe(sha256(join(formats, 'w.onnx')));
    }
  });

  test('run gives what PyTorch gives', () => {
    const { input, output } = JSON.parse(new TextDecoder().decode(torchFile('results.json')))['unet.pth'];
    const data = Float32Array.from({ length: 8 * 12 }, (_, i) => ((37 * i) % 101) / 50 - 1);
    const image = npyChunks({ shape: input.slice(1), data });
    writeFileSync(join(formats, 'x.npy'), Buffer.concat(Array.from(image, (chunk) => Buffer.from(chunk))));
    const args = [
      'run',
      'net.unet',
      '--weights',
      'unet.pth',
      '--map',
      'milesial',
      '-i',
      'x.npy',
      '-o',
      'y.npy',
    ];
    expect(unet(args, formats)).toMatchObject({ code: 0 });
    const found = readNpy(join(formats, 'y.npy'));
    if (found instanceof Failure) throw new Error(found.message);
    expect(relativeError(found.data, output.values)).toBeLessThan(1e-5);
  });

  test('the options that contradict each other', () => {
    const cases: [string[], RegExp][] = [
      [['--map', 'milesial'], /error\[incomplete-options\]: --map .*--weights/],
      [['--map', 'milesial', '--seed', '1'], /error\[incomplete-options\]: --map .*--weights/],
      [['--weights', 'unet.pth', '--map', 'milesail'], /error\[unknown-map\][\s\S]*`milesial`/],
      [
        ['--weights', 'unet.pth', '--map', 'other.json'],
        /error\[unknown-map\]: .*`other\.json`[\s\S]*milesial, .* and nnunet-residual-encoder/,
      ],
    ];
    for (const [options, expected] of cases) {
      const { code, stderr } = unet(
        ['build', 'net.unet', '-t', 'onnx', '-o', 'no.onnx', ...options],
        formats,
      );
      expect(code, options.join(' ')).toBe(2);
      expect(stderr).toMatch(expected);
    }
  });
});

describe('unet weights maps', () => {
  test('lists the built-in maps, and prints one as a file that is a map', () => {
    const names = [
      'milesial',
      'monai-basic-unet',
      'monai-dynunet',
      'nnunet-plain',
      'nnunet-residual-encoder',
    ];
    const lines = unet(['weights', 'maps']).stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ')[0])).toEqual(names);
    expect(JSON.parse(unet(['weights', 'maps', '--json']).stdout)).toEqual(
      names.map((name) => ({ name, about: expect.any(String) })),
    );
    const folder = project();
    writeFileSync(join(folder, 'mine.json'), unet(['weights', 'maps', 'milesial']).stdout);
    expect(convert(folder, 'unet.pth', 'w.safetensors', '--map', 'mine.json').code).toBe(0);
    expect(sha256(join(folder, 'w.safetensors'))).toBe(sha256(join(formats, 'w.safetensors')));
    const unknown = unet(['weights', 'maps', 'milesail']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/error\[unknown-map\][\s\S]*`milesial`/);
  });

  test('a map with errors is not used, and they are listed', () => {
    const folder = project();
    writeFileSync(join(folder, 'bad.json'), '{"names": {"a[{n]": "x", "b[{n}]": "{m}"}, "extra": 1}');
    const { code, stderr } = convert(folder, 'unet.pth', 'w.safetensors', '--map', 'bad.json');
    expect(code).toBe(1);
    const { message } = failure('invalid-map', {
      map: 'bad.json',
      problems: [
        { case: 'unknown-key', key: 'extra', keys: ['about', 'names', 'ignore'], nearest: undefined },
        { case: 'unpaired-brace', rule: 'a[{n]' },
        { case: 'unknown-number', rule: 'b[{n}]', name: 'm', nearest: 'n' },
      ],
    });
    expect(stderr).toBe(`unet: error[invalid-map]: ${message}\n`);
  });
});

describe('wrong inputs: a sentence, an exit code, and nothing written', () => {
  const folder = withWrongFiles();

  function withWrongFiles(): string {
    const made = project();
    const at = (name: string) => join(made, name);
    for (const name of ['w.safetensors', 'w.onnx']) copyFileSync(join(formats, name), at(name));
    mkdirSync(at('tfjs'));
    for (const name of readdirSync(join(formats, 'tfjs'))) {
      copyFileSync(join(formats, 'tfjs', name), join(made, 'tfjs', name));
    }
    rmSync(join(made, 'tfjs', 'weights-1-of-1.bin'));
    mkdirSync(at('empty-folder'));
    writeFileSync(at('empty.onnx'), '');
    writeFileSync(at('short.onnx'), readFileSync(at('w.onnx')).subarray(0, 5000));
    writeFileSync(at('short.safetensors'), readFileSync(at('w.safetensors')).subarray(0, 3000));
    writeFileSync(at('short.pth'), readFileSync(at('unet.pth')).subarray(0, 3000));
    writeFileSync(at('notes.txt'), 'weights, but as text');
    writeFileSync(at('text.onnx'), 'weights, but as text');
    writeFileSync(at('page.json'), '{"weights": 1}');
    writeFileSync(at('legacy.pth'), torchFile('legacy.pth'));
    writeFileSync(at('whole-model.pt'), torchFile('whole-model.pt'));
    const built = unet(
      ['build', 'net.unet', '-t', 'onnx', '-o', 'split.onnx', '--external-data', '--seed', '1'],
      made,
    );
    expect(built.code).toBe(0);
    rmSync(at('split.onnx.data'));
    expect(unet(['build', 'net.unet', '-t', 'onnx', '-o', 'folded.onnx', '--fold'], made).code).toBe(0);
    return made;
  }

  const cases: readonly [from: string, to: string, code: number, expected: RegExp, ...more: string[]][] = [
    ['none.onnx', 'o.safetensors', 1, /error\[file-unreadable\]: .*none\.onnx/],
    ['empty-folder', 'o.safetensors', 1, /error\[missing-model-json\]: .*empty-folder/],
    ['empty.onnx', 'o.safetensors', 1, /error\[file-empty\]: empty\.onnx/],
    ['short.onnx', 'o.safetensors', 1, /error\[weights-mismatch\][\s\S]*cut off.* 5000 bytes/],
    ['short.safetensors', 'o.onnx', 1, /error\[weights-mismatch\][\s\S]*cut off.* 3000/],
    ['short.pth', 'o.onnx', 1, /error\[weights-mismatch\][\s\S]*PyTorch.*cut off/, '--map', 'milesial'],
    ['notes.txt', 'o.onnx', 1, /error\[unknown-weights-format\]: .*notes\.txt[\s\S]*\.safetensors/],
    ['text.onnx', 'o.safetensors', 1, /error\[weights-mismatch\][\s\S]*ONNX model/],
    ['page.json', 'o.onnx', 1, /error\[weights-mismatch\][\s\S]*TensorFlow\.js.*weightsManifest/],
    [
      'tfjs',
      'o.onnx',
      1,
      /error\[weights-mismatch\][\s\S]*'weights-1-of-1\.bin'.*: .*tfjs.weights-1-of-1\.bin/,
    ],
    [
      'split.onnx',
      'o.safetensors',
      1,
      /error\[weights-mismatch\][\s\S]*'split\.onnx\.data'.*: .*split\.onnx\.data/,
    ],
    ['folded.onnx', 'o.safetensors', 1, /--fold: 10 batch norms/],
    ['legacy.pth', 'o.onnx', 1, /1\.6; in Python/],
    ['whole-model.pt', 'o.onnx', 1, /`torch\.nn\.modules\.conv\.Conv2d`/],
    ['unet.pth', 'o.onnx', 1, /`milesial`; .*--map milesial/],
    ['unet.pth', 'o.onnx', 1, /encoder\[1\]\.batchNorm/, '--map', 'broken.json'],
    ['tfjs/model.json', 'o.onnx', 1, /error\[needless-map\]: tfjs.model\.json/, '--map', 'milesial'],
    ['unet.pth', 'o.onnx', 2, /error\[unknown-map\]: .*`mil`/, '--map', 'mil'],
    ['w.onnx', 'o.pth', 2, /error\[invalid-output-path\]: --to .*o\.pth[\s\S]*\.safetensors/],
    ['w.onnx', 'o.json', 2, /error\[invalid-output-path\]: --to .*folder.*o\.json/],
    ['w.onnx', 'o.bin', 2, /error\[invalid-output-path\]: --to .*\.safetensors or \.onnx.*o\.bin/],
  ];

  test.each(cases)('%s to %s exits with %i', (from, to, code, expected, ...more) => {
    writeFileSync(
      join(folder, 'broken.json'),
      '{"names": {"encoder[1].conv[{n}]": "inc.double_conv.{3*n-3}"}}',
    );
    const before = readdirSync(folder).sort();
    const outcome = convert(folder, from, to, ...more);
    expect(outcome.stderr).toMatch(expected);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('weights of another network: all that differs', () => {
    const other = compiled(spec.replace('depth = 2', 'depth = 1'));
    const file = join(folder, 'other.safetensors');
    writeFileSync(file, bytesOf(writeSafetensors(other.graph, exampleWeights).chunks));
    const { code, stderr } = convert(folder, 'other.safetensors', 'o.onnx');
    expect(code).toBe(1);
    const [head, ...lines] = stderr.trimEnd().split('\n');
    expect(head).toMatch(/error\[weights-mismatch\]: other\.safetensors .*Net:$/);
    // Level 2 is missing (double convs of 10 tensors in encoder and decoder, the up-conv of 2); the bottleneck
    // has other channels in both convs (10), and so has nothing else.
    expect(lines.filter((line) => line.includes(' is not in '))).toHaveLength(22);
    expect(lines.filter((line) => line.includes(' has shape '))).toHaveLength(10);
    expect(lines).toHaveLength(32);
    expect(existsSync(join(folder, 'o.onnx'))).toBe(false);
  });
});

test('the commands of docs/weights.md that need a file of PyTorch', () => {
  const folder = project();
  const lines = page('docs/weights.md')
    .fences.filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('unet '));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    const args = line.split(/\s+/).slice(1);
    expect(unet(args, folder), line).toMatchObject({ code: 0, stderr: '' });
    const output = args[Math.max(args.indexOf('--to'), args.indexOf('-o')) + 1] ?? '';
    expect(existsSync(join(folder, dirname(output), output))).toBe(true);
  }
});
