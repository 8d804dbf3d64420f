import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { network, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { niftiFile, orientations } from '../view/made-files.js';

let work = '';
const at = (name: string) => join(work, name);
const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));

/** Images of the size of a patch: training validates them whole, as they are predicted. */
beforeAll(() => {
  work = workFolder(network + recipe, ['--count', '8', '--size', '32']);
  const ran = unet(trainArguments('run'), work);
  expect(ran.code, ran.stderr).toBe(0);
  const more = unet(['data', 'cells', '--out', 'other', '--count', '3', '--size', '48', '--seed', '5'], work);
  expect(more.code, more.stderr).toBe(0);
}, 120_000);
afterAll(() => rmSync(work, { recursive: true }));

function evaluate(...args: readonly string[]) {
  const ran = unet(['evaluate', 'run', ...args, '--json'], work);
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  return { found: JSON.parse(ran.stdout), notes: ran.stderr };
}

describe('unet evaluate RUN --data DIR', () => {
  test('gives the numbers of the validation that training recorded for its best weights', () => {
    const { found, notes } = evaluate('--data', 'set', '-o', 'report');
    const { epochs, best } = read('run/metrics.json');
    const row = epochs.find(({ epoch }: { epoch: number }) => epoch === best.epoch);
    const names = found.cases.map(({ name }: { name: string }) => name);
    expect(names).toEqual(read('run/data.json').validation.sort());
    expect(new Set(found.cases.map(({ part }: { part: string }) => part))).toEqual(new Set(['validation']));
    for (const [k, { pooled }] of found.summary.classes.entries()) {
      expect(pooled.dice).toBeCloseTo(row.dice[k], 12);
      expect(pooled.iou).toBeCloseTo(row.iou[k], 12);
    }
    expect(found.summary.foreground.pooled.dice).toBeCloseTo(best.value, 12);
    expect(notes).toContain('trained on 6 cases');
    expect(notes).toContain('2 cases were validated with');
    // They are predictions of `unet predict`, and measured as such.
    const [first] = names;
    unet(['predict', 'run', '--input', `set/images/${first}.png`, '-o', 'one.png'], work);
    expect(readFileSync(at('one.png'))).toEqual(readFileSync(at(`report/predictions/${first}.png`)));
    const html = readFileSync(at('report/report.html'), 'utf8');
    expect(html).toContain('was trained on 6 cases');
    expect(html).toContain(`cases/${first}.html`);
    expect(existsSync(at(`report/cases/${first}.html`))).toBe(true);
  });

  test('keeps cases apart by what the training had them for', () => {
    const all = evaluate('--data', 'set', '--split', 'all', '--metrics', 'dice').found;
    expect(all.cases).toHaveLength(8);
    expect(all.parts.training.cases).toBe(6);
    expect(all.parts.validation.cases).toBe(2);
    expect(all.parts.validation.foreground).toEqual(
      evaluate('--data', 'set', '--metrics', 'dice').found.summary.foreground,
    );
    expect(evaluate('--data', 'set', '--split', 'training', '--metrics', 'dice').found.summary).toEqual(
      all.parts.training,
    );
    const lines = unet(['evaluate', 'run', '--data', 'set', '--split', 'all'], work).stdout;
    expect(lines).toContain('validation images of the run:');
    expect(lines).toContain('images that the run was trained on:');
  });

  test('knows images by their content, and not by their names', () => {
    cpSync(at('set'), at('renamed'), { recursive: true });
    for (const folder of ['images', 'masks', 'instances']) {
      for (const name of readdirSync(at(`renamed/${folder}`)))
        renameSync(at(`renamed/${folder}/${name}`), at(`renamed/${folder}/x${name}`));
      for (const name of readdirSync(at(`other/${folder}`)))
        cpSync(at(`other/${folder}/${name}`), at(`renamed/${folder}/${name}`));
    }
    const { found } = evaluate('--data', 'renamed', '--metrics', 'dice');
    expect(found.cases).toHaveLength(5);
    expect(found.parts.new.cases).toBe(3);
    expect(found.parts.validation.cases).toBe(2);
    const fresh = evaluate('--data', 'other', '--metrics', 'dice');
    expect(fresh.notes).toBe('');
    expect(fresh.found.cases.map(({ part }: { part: string }) => part)).toEqual(['new', 'new', 'new']);
    expect(fresh.found.parts).toBeUndefined();
  });

  test('keeps images of one name in several folders apart', () => {
    const [first = ''] = readdirSync(at('other/images'));
    for (const folder of ['images', 'masks']) {
      for (const side of ['left', 'right'])
        cpSync(at(`other/${folder}/${first}`), at(`sided/${folder}/${side}/${first}`));
    }
    const { found } = evaluate('--data', 'sided', '-o', 'sides', '--metrics', 'dice');
    expect(found.cases).toHaveLength(2);
    expect(new Set(found.cases.map(({ prediction }: { prediction: string }) => prediction)).size).toBe(2);
    expect(readdirSync(at('sides/cases'))).toHaveLength(2);
  });

  test('cuts volumes as the training did, and leaves other images whole', () => {
    const { affine } = orientations()[5] ?? { affine: [] };
    for (const k of [0, 1, 2]) {
      const inside = (i: number) => Math.hypot((i % 4) - 2, (Math.floor(i / 4) % 32) - 16 - k) < 9;
      const mask = Uint8Array.from({ length: 4 * 32 * 32 }, (_, i) => Number(inside(i)));
      for (const folder of ['images', 'masks']) mkdirSync(at(`volumes/${folder}`), { recursive: true });
      const size = [4, 32, 32] as const;
      niftiFile(at(`volumes/masks/v${k}.nii`), { size, affine, data: mask });
      const data = Int16Array.from(mask, (label, i) => 400 * label + ((i * (7919 + k)) % 90));
      niftiFile(at(`volumes/images/v${k}.nii`), { size, affine, data });
    }
    const args = ['-d', 'volumes', '--axis', 'x', '--epochs', '1'];
    const trained = unet(trainArguments('sliced', ...args), work);
    expect(trained.code, trained.stderr).toBe(0);
    const ran = unet(['evaluate', 'sliced', '--data', 'volumes', '-o', 'slices', '--json'], work);
    expect(ran.code, ran.stderr).toBe(0);
    const { cases } = JSON.parse(ran.stdout);
    expect(cases.map(({ name }: { name: string }) => name)).toEqual(read('sliced/data.json').validation);
    expect(cases).toHaveLength(4);
    expect(cases[0].metrics.shape).toEqual([32, 32]);
    expect(readdirSync(at('slices/predictions'))).toHaveLength(1);
    const flat = unet(['evaluate', 'sliced', '--data', 'other', '--json'], work);
    expect(JSON.parse(flat.stdout).cases).toHaveLength(3);
  });

  test('leaves nothing behind without -o', () => {
    mkdirSync(at('temporary'));
    const env = { TMPDIR: at('temporary') };
    for (const data of ['other', 'maskless']) {
      unet(['evaluate', 'run', '--data', data, '--metrics', 'dice'], work, env);
      expect(readdirSync(at('temporary'))).toEqual([]);
    }
  });
});

describe('wrong inputs', () => {
  test.each([
    ['evaluation-truth-missing', ['run']],
    ['conflicting-options', ['run', '--data', 'set', '--truth', 'set/masks']],
    ['run-missing', ['set', '--data', 'set']],
    ['run-not-finished', ['unfinished', '--data', 'set']],
    ['run-damaged', ['damaged', '--data', 'set']],
    ['invalid-output-path', ['run', '--data', 'set', '-o', 'run']],
    ['invalid-output-path', ['run', '--data', 'set', '-o', 'set']],
    ['evaluation-cases-trained', ['run', '--data', 'learned']],
    ['evaluation-split-empty', ['run', '--data', 'learned', '--split', 'new']],
    ['invalid-option-value', ['run', '--data', 'set', '--split', 'test']],
    ['needless-option', ['run', '--truth', 'set/masks', '--split', 'all']],
    ['needless-option', ['run', '--data', 'set', '--objects']],
    ['images-missing', ['run', '--data', 'maskless']],
    ['mask-value-unknown', ['run', '--data', 'other', '--label', '0=0', '--label', '7=1']],
  ])('%s: %j', (code, args) => {
    cpSync(at('run'), at('unfinished'), { recursive: true });
    writeFileSync(at('unfinished/run.json'), JSON.stringify({ ...read('run/run.json'), finished: false }));
    cpSync(at('run'), at('damaged'), { recursive: true });
    writeFileSync(at('damaged/data.json'), JSON.stringify({ ...read('run/data.json'), samples: [3] }));
    const trained = read('run/data.json').samples.find(
      ({ name }: { name: string }) => !read('run/data.json').validation.includes(name),
    );
    for (const folder of ['images', 'masks'])
      cpSync(at(`set/${folder}/${trained.name}.png`), at(`learned/${folder}/${trained.name}.png`));
    mkdirSync(at('maskless'), { recursive: true });
    cpSync(at('set/images'), at('maskless/images'), { recursive: true });
    const ran = unet(['evaluate', ...args, '--json'], work);
    expect(ran.code).not.toBe(0);
    expect(ran.stdout, ran.stdout).toContain(`"code": "${code}"`);
    expect(existsSync(at('run/report.html')) || existsSync(at('set/report.html'))).toBe(false);
  });
});
