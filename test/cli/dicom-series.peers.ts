import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { page } from '../docs/markdown.js';
import { peersFolder, peersPython } from '../formats/peers-python.js';
import { writeForeignModel } from './foreign-model.js';
import { freshFolder, unet } from './unet.js';

const python = peersPython();
const packages = join(peersFolder(), 'node', 'node_modules');
const isInstalled = existsSync(join(packages, '@itk-wasm', 'dicom'));
const script = join(import.meta.dirname, 'peers', 'dicom_series.py');

/** The commands, each with the output that follows it, and the spec in the page's section on DICOM. */
function documented() {
  const { text } = page('docs/data.md');
  const section = text.slice(text.indexOf('\n## DICOM\n'));
  const [, spec = ''] = /```unet organ\.unet\n([\s\S]*?)```/.exec(section) ?? [];
  const [, transcript = ''] = /```text\n(\$ unet [\s\S]*?)```/.exec(section) ?? [];
  const commands = transcript
    .split(/^\$ unet /m)
    .slice(1)
    .map((one) => {
      const [line = '', ...output] = one.trimEnd().split('\n');
      return { args: line.split(' '), output };
    });
  return { spec, commands };
}

if (python === undefined || !isInstalled) {
  test.skip('there is no Python with the peers, or no @itk-wasm/dicom: run scripts/peers.sh', () => {});
} else {
  describe('series of DICOM slices', () => {
    const work = freshFolder();
    beforeAll(() => {
      execFileSync(python, [script, 'make', work]);
      symlinkSync(packages, join(work, 'node_modules'));
      writeForeignModel(join(work, 'deep.onnx'), [{ op: 'Sigmoid' }], ['n', 1, 'd', 'h', 'w']);
      writeForeignModel(join(work, 'flat.onnx'), [{ op: 'Sigmoid' }], ['n', 1, 'h', 'w']);
    });
    afterAll(() => rmSync(work, { recursive: true }));

    test('are checked, trained with and run as the page says, and lie where SimpleITK has them', () => {
      const { spec, commands } = documented();
      writeFileSync(join(work, 'organ.unet'), spec);
      expect(commands.map(({ args: [first] }) => first)).toEqual(['data', 'train', 'run']);
      for (const { args, output } of commands) {
        const { code, stdout, stderr } = unet(args, work);
        expect(code, stderr).toBe(0);
        const printed = [...stderr.split('\n'), ...stdout.split('\n')];
        for (const line of output) {
          if (line !== '...')
            expect(printed).toContainEqual(expect.stringContaining(line.replace(/ in [\d.]+ s$/, '')));
        }
      }
      for (const [model, output] of [
        ['deep.onnx', 'sign.nii.gz'],
        ['deep.onnx', 'sign.nrrd'],
        ['flat.onnx', 'slices.nii.gz'],
      ] as const) {
        const { code, stderr } = unet(['run', model, '-i', 'new', '-o', output, '--threads', '1'], work);
        expect(code, stderr).toBe(0);
      }
      execFileSync(python, [script, 'check', work], { stdio: 'pipe' });
    }, 120_000);

    test.each(['gap', 'two'])('that are not one volume (%s) are refused', (name) => {
      const { code, stderr } = unet(['run', 'deep.onnx', '-i', name, '-o', 'no.nii.gz'], work);
      expect([code, stderr]).toEqual([1, expect.stringContaining('error[series-unread]')]);
      expect(existsSync(join(work, 'no.nii.gz'))).toBe(false);
    });
  });
}
