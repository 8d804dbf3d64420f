import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { network, numbersOf, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { type Outcome, unet, unetProcess } from './unet.js';

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(network + recipe, ['--count', '6', '--size', '48']);
  cpSync(at('set'), at('two'), { recursive: true });
});
afterAll(() => rmSync(work, { recursive: true }));

/** Trains into `out`, which must not be there then, and gives what was said. */
function refused(...args: readonly string[]): { readonly code: number | null; readonly said: string } {
  const { code, stderr }: Outcome = unet(trainArguments('out', ...args), work);
  expect(() => numbersOf(at('out')), stderr).toThrow('ENOENT');
  expect(stderr).not.toMatch(/\n {4}at |file:\/\//);
  return { code, said: stderr };
}

/** A copy of the set with a change; later options of the same name hold. */
function changedSet(change: (set: string) => void): readonly string[] {
  rmSync(at('bad'), { recursive: true, force: true });
  cpSync(at('set'), at('bad'), { recursive: true });
  change(at('bad'));
  return ['-d', 'bad'];
}

describe('data that cannot be trained with', () => {
  test('a damaged image', () => {
    const args = changedSet((set) => {
      const path = join(set, 'images/cells-002.png');
      writeFileSync(path, readFileSync(path).subarray(0, 300));
    });
    expect(refused(...args)).toEqual({
      code: 1,
      said: expect.stringMatching(/^unet: error\[data-set-invalid\]: bad: .*\n.*cells-002\.png: .*\n$/),
    });
  });

  test('a mask of another size', () => {
    unet(['data', 'cells', '--out', 'large', '--count', '2', '--size', '64'], work);
    const args = changedSet((set) =>
      cpSync(at('large/masks/cells-002.png'), join(set, 'masks/cells-002.png')),
    );
    expect(refused(...args).said).toMatch(
      /^unet: error\[data-set-invalid\]: bad: .*\n {2}bad\/images\/cells-002\.png: .*48 x 48.*64 x 64\n$/,
    );
  });

  test('a mask with labels that are no classes', () => {
    const args = changedSet((set) => {
      cpSync(at('set/images/cells-002.png'), join(set, 'masks/cells-002.png'));
      // It names the classes.
      rmSync(join(set, 'dataset.json'));
    });
    expect(refused(...args)).toEqual({
      code: 1,
      said: expect.stringMatching(
        /error\[data-set-invalid\]: bad: .*\n.*bad\/masks\/cells-002\.png .*numbers of objects.*--label "\*=1"/,
      ),
    });
    const { code, said } = refused(...args, '--label', '0=0', '--label', '1=1');
    expect(code).toBe(1);
    expect(said).toMatch(/^unet: error\[data-set-invalid\]: bad: .*\n {2}bad\/masks\/cells-002\.png: /);
  });

  test('as many classes as the network does not have', () => {
    unet(['data', 'cells', '--out', 'three', '--count', '2', '--size', '48', '--classes', '3'], work);
    expect(refused('-d', 'three')).toEqual({
      code: 1,
      said: expect.stringMatching(/error\[data-mismatch\]: .* three .*\nhelp: .*--label .*`classes = 3`/),
    });
  });

  test('nothing', () => {
    mkdirSync(at('empty'));
    expect(refused('-d', 'empty')).toEqual({
      code: 1,
      said: expect.stringContaining('error[images-missing]'),
    });
    expect(refused('-d', 'nowhere').said).toMatch(/error\[file-unreadable\]: .*nowhere/);
  });

  test('one image only', () => {
    const args = changedSet((set) => {
      for (const i of [2, 3, 4, 5, 6]) {
        for (const part of ['images', 'masks']) rmSync(join(set, `${part}/cells-00${i}.png`));
      }
    });
    expect(refused(...args).said).toMatch(
      /^unet: error\[single-image\]: [^\n]*\nhelp: [^\n]*--validation 0[^\n]*\n$/,
    );
  });

  test.each([
    ['-0.1', 'validation-fraction', { fraction: -0.1 }],
    ['1', 'validation-fraction', { fraction: 1 }],
    ['names.txt', 'validation-names', { problem: { case: 'unknown', names: ['what'] } }],
    ['nowhere.txt', 'file-unreadable', { path: 'nowhere.txt', cause: 'ENOENT' }],
  ])('--validation %s', (part, code, args) => {
    writeFileSync(at('names.txt'), 'cells-001\nwhat\n');
    const outcome = unet(trainArguments('out', '--validation', part, '--json'), work);
    expect(outcome.code).toBe(1);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code, args } });
    expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  });
});

describe('recipes that do not go with the network', () => {
  /** With a spec of its own, in place of the file of the others. */
  function refusedSpec(spec: string, ...args: readonly string[]) {
    writeFileSync(at('other.unet'), spec);
    const rest = trainArguments('out', ...args).slice(2);
    const { code, stderr } = unet(['train', 'other.unet', ...rest], work);
    expect(() => numbersOf(at('out'))).toThrow('ENOENT');
    expect(stderr).not.toMatch(/\n {4}at |file:\/\//);
    return { code, said: stderr };
  }
  const withLine = (line: string) => network + recipe.replace('  batch', `  ${line}\n  batch`);

  test('one that is not there, or one of two', () => {
    expect(refused('--recipe', 'No')).toEqual({
      code: 2,
      said: expect.stringMatching(/error\[unknown-recipe\]: .*`No`\nhelp: .*Quick\n$/),
    });
    const two = network + recipe + recipe.replace('Quick', 'Slow');
    expect(refusedSpec(two)).toEqual({
      code: 2,
      said: expect.stringMatching(/error\[recipe-not-chosen\]: .*Quick and Slow\nhelp: .*--recipe\n$/),
    });
  });

  test('a patch that is not admissible is the error of an input of that size', () => {
    const { code, said } = refusedSpec(withLine('patch = 32 x 34'));
    writeFileSync(at('input.unet'), network.replace('1 x 32 x 32', '1 x 32 x 34'));
    const asInput = unet(['check', 'input.unet'], work);
    const lines = (text: string, start: RegExp) => text.split('\n').filter((line) => start.test(line));
    expect(code).toBe(1);
    expect(said).toContain('error[input-does-not-fit]: W = 34 does not fit');
    const help = lines(said, /^help: /);
    expect(help).toEqual(['help: nearest that fit: 32, 36']);
    expect(lines(asInput.stdout + asInput.stderr, /^help: /)).toEqual(help);
  });

  test.each([
    [
      'a patch of another rank',
      withLine('patch = 32 x 32 x 32'),
      /error\[rank-mismatch\]: `patch` has 3 axes/,
    ],
    [
      'a loss of the other head',
      network + recipe.replace('cross_entropy', 'bce'),
      /error\[contradiction\]: `bce` is a loss for `head = sigmoid`/,
    ],
    ['too many class weights', withLine('class_weights = [1, 2, 3]'), /`class_weights` has 3/],
    [
      'too few class weights for the standard loss',
      `${network}training Quick { class_weights = [1] }`,
      /error\[recipe-invalid\]: .*`Quick`/,
    ],
    [
      'a softmax over one class, without a recipe',
      network.replace('classes  = 2', 'classes = 1'),
      /error\[step-invalid\]: Small .*softmax over one class/,
    ],
  ])('%s', (_, spec, said) => {
    expect(refusedSpec(spec)).toEqual({ code: 1, said: expect.stringMatching(said) });
  });
});

describe('folders', () => {
  test('what cannot be written to', () => {
    writeFileSync(at('file'), '');
    const args = trainArguments('out');
    for (const [output, action] of [
      ['file', 'unreadable'],
      ['file/below', 'unwritable'],
    ]) {
      const { code, stderr } = unet([...args, '-o', output ?? ''], work);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`^unet: error\\[file-${action}\\]: .* ${output}: .* not a folder\n$`),
      );
    }
    if (existsSync('/proc/self')) {
      // Neither this nor a file in it can be made; the recursive mkdir of Node 20 would try for ever.
      for (const call of [
        [...args, '-o', '/proc/run'],
        ['build', 'cells.unet', '--target', 'onnx', '-o', '/proc/run/model.onnx'],
        ['data', 'cells', '--out', '/proc/run', '--count', '1', '--size', '16'],
      ]) {
        const { code, stderr } = unet(call, work);
        expect(code).toBe(1);
        expect(stderr).toMatch(/^unet: error\[file-unwritable\]: .* \/proc\/run[^ :]*: .*\n$/);
      }
    }
    expect(unet([...args, '-o', 'set'], work).stderr).toMatch(/error\[run-folder-occupied\]: set /);
  });

  test('a run that is finished, or another one, stays as it is', () => {
    expect(unet(trainArguments('done', '--epochs', '1'), work).code).toBe(0);
    const before = numbersOf(at('done'));
    const again = (...args: readonly string[]) =>
      unet([...trainArguments('done', '--epochs', '1', '--resume'), ...args], work);
    const changed = (...args: readonly string[]) => {
      const { error } = JSON.parse(again(...args, '--json').stdout);
      expect(error).toMatchObject({ code: 'run-different', args: { folder: 'done' } });
      return error.args.differences;
    };
    expect(again().stderr).toMatch(/error\[run-finished\]: done /);
    const setting = (part: 'recipe' | 'data', key: string, before: string, now: string) => ({
      part,
      change: expect.objectContaining({ key, values: { before, now } }),
    });
    // Less than before; with more, the run would continue.
    expect(changed('--patience', '2')).toEqual([setting('recipe', 'patience', 'null', '2')]);
    // Which images are for validation is drawn from the seed.
    expect(changed('--seed', '5')).toEqual([
      setting('recipe', 'seed', '0', '5'),
      setting('data', 'validation', '["cells-003"]', '["cells-002"]'),
    ]);
    expect(changed('-d', 'large')).toEqual([{ part: 'data', change: { case: 'count', before: 6, now: 2 } }]);
    // The same names and sizes, and one other image.
    cpSync(at('two/images/cells-001.png'), at('two/images/cells-002.png'));
    expect(changed('-d', 'two')).toEqual([{ part: 'data', change: { case: 'content', image: 'cells-002' } }]);
    writeFileSync(at('cells.unet'), network.replace('channels = 4', 'channels = 5') + recipe);
    const line = { file: 'cells.unet', line: 5, before: 'channels = 4', now: 'channels = 5' };
    expect(changed()).toEqual([{ part: 'spec', change: { case: 'line', ...line } }]);
    writeFileSync(at('cells.unet'), `// a comment\n${network}${recipe.replaceAll('\n', ' // and more\n')}`);
    expect(again().stderr).toMatch(/error\[run-finished\]: done /);
    writeFileSync(at('cells.unet'), network + recipe);
    expect(numbersOf(at('done'))).toEqual(before);
  });

  test('a run that was begun wants --resume, and a foreign checkpoint is none', () => {
    const begun = unet(trainArguments('begun', '--epochs', '1'), work);
    expect(begun.code).toBe(0);
    const path = at('begun/run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"finished": true', '"finished": false'));
    expect(unet(trainArguments('begun', '--epochs', '1'), work)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[run-unfinished\]: begun .*\nhelp: .*--resume/),
    });
    const before = numbersOf(at('begun'));
    writeFileSync(at('begun/checkpoint.safetensors'), 'x');
    const { code, stderr } = unet(trainArguments('begun', '--epochs', '1', '--resume'), work);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^unet: error\[checkpoint-damaged\]: begun\/checkpoint\.safetensors /);
    const { 'checkpoint.safetensors': _, ...others } = before;
    rmSync(at('begun/checkpoint.safetensors'));
    expect(numbersOf(at('begun'))).toEqual(others);
  });
});

test('without onnxruntime-node it says how to install it, and begins nothing', () => {
  const hook =
    'export const resolve = (name, context, next) => { if (name === "onnxruntime-node") ' +
    'throw Object.assign(new Error("none"), { code: "ERR_MODULE_NOT_FOUND" }); return next(name, context); };';
  const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(register)}`;
  const { code, stderr } = unetProcess(trainArguments('out'), work, { NODE_OPTIONS });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /error\[engine-not-installed\]: onnxruntime-node .*\nhelp: .*npm install onnxruntime-node/,
  );
  expect(() => numbersOf(at('out'))).toThrow('ENOENT');
});
