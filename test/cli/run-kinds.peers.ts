import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { peersPython } from '../formats/peers-python.js';
import { type ForeignNode, writeForeignModel } from './foreign-model.js';
import { freshFolder, unet } from './unet.js';

const python = peersPython();
const script = join(import.meta.dirname, 'peers', 'run_kinds.py');
const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

/** Class 1 where one channel is positive, or where the second of two is the larger. */
const sign: readonly ForeignNode[] = [{ op: 'Sigmoid' }];
const larger: readonly ForeignNode[] = [{ op: 'Softmax', attributes: [{ name: 'axis', type: 2, i: 1 }] }];

interface Found {
  readonly wrong: readonly string[];
  readonly checked: number;
}

interface Made {
  readonly volumes: readonly string[];
  readonly stacks: readonly { readonly name: string; readonly axes: string }[];
}

if (python === undefined) {
  test.skip('there is no Python with the peers: run scripts/peers.sh', () => {});
} else {
  test('nibabel, SimpleITK, pynrrd and tifffile find the labels where the images have them', async () => {
    execFileSync(python, [script, 'make', work]);
    for (const [k, nodes] of [sign, larger].entries()) {
      writeForeignModel(join(work, `flat${k + 1}.onnx`), nodes, ['n', k + 1, 'h', 'w']);
      writeForeignModel(join(work, `deep${k + 1}.onnx`), nodes, ['n', k + 1, 'd', 'h', 'w']);
    }
    // The script writes this file, and a wrong field fails the runs.
    const made = JSON.parse(readFileSync(join(work, 'made.json'), 'utf8')) as Made;
    const problems: string[] = [];
    let count = 0;
    const run = async (model: string, input: string, output: string, ...more: readonly string[]) => {
      // Vitest waits for a sign of life.
      await setImmediate();
      for (const command of ['run', 'predict']) {
        const path = output.replace('.out.', `.${command}.out.`);
        const { code, stderr } = unet(
          [command, model, '--input', input, '-o', path, '--threads', '1', ...more],
          work,
        );
        count += 1;
        if (code !== 0) problems.push(`${path}: ${stderr}`);
      }
    };
    for (const name of made.volumes) {
      const channels = name.endsWith('4d') ? 2 : 1;
      // A sheared place has no directions that ITK reads.
      const endings = name.startsWith('sheared') ? ['nii.gz', 'nrrd'] : ['nii.gz', 'nrrd', 'mha'];
      for (const ending of endings)
        await run(`deep${channels}.onnx`, `${name}.nii`, `${name}.deep.out.${ending}`);
      for (const axis of ['x', 'y', 'z']) {
        await run(`flat${channels}.onnx`, `${name}.nii`, `${name}.${axis}.out.nii.gz`, '--axis', axis);
      }
    }
    for (const { name, axes } of made.stacks) {
      const channels = axes.includes('C') ? 2 : 1;
      await run(`flat${channels}.onnx`, name, `${name}.flat.out.tif`);
      if (/[ZT]/.test(axes)) await run(`deep${channels}.onnx`, name, `${name}.deep.out.tif`);
    }
    execFileSync(python, [script, 'check', work]);
    // The script writes this file.
    const found = JSON.parse(readFileSync(join(work, 'wrong.json'), 'utf8')) as Found;
    expect([...problems, ...found.wrong]).toEqual([]);
    expect(found.checked).toBe(count);
    expect(count).toBeGreaterThan(800);
  }, 600_000);
}
