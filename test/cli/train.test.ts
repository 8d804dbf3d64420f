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

/** Trains into `out`, which must fail and write nothing; gives the report. */
function failed(...args: readonly string[]): { readonly code: number | null; readonly stderr: string } {
  const { code, stderr }: Outcome = unet(trainArguments('out', ...args), work);
  expect(() => numbersOf(at('out')), stderr).toThrow('ENOENT');
  expect(stderr).not.toMatch(/\n {4}at |file:\/\//);
  return { code, stderr };
}

const report = (code: number, message: RegExp) => ({ code, stderr: expect.stringMatching(message) });

/** A copy of the set with a change; the last option of a name counts. */
function changedSet(change: (set: string) => void): readonly string[] {
  rmSync(at('bad'), { recursive: true, force: true });
  cpSync(at('set'), at('bad'), { recursive: true });
  change(at('bad'));
  return ['-d', 'bad'];
}

describe('data that cannot be used', () => {
  test('a damaged image', () => {
    const args = changedSet((set) => {
      const path = join(set, 'images/cells-002.png');
      writeFileSync(path, readFileSync(path).subarray(0, 300));
    });
    expect(failed(...args)).toEqual(
      report(1, /error\[data-set-invalid\]: bad: .*1 problem\n.*cells-002.png.*\n$/),
    );
  });

  test('a mask of another size', () => {
    unet(['data', 'cells', '--out', 'large', '--count', '2', '--size', '64'], work);
    const args = changedSet((set) =>
      cpSync(at('large/masks/cells-002.png'), join(set, 'masks/cells-002.png')),
    );
    expect(failed(...args)).toEqual(
      report(
        1,
        /error\[data-set-invalid\]: bad: .*1 problem\n {2}bad\/images\/cells-002.png: .*48 x 48.*64 x 64\n$/,
      ),
    );
  });

  test('a mask with values that are not classes', () => {
    const args = changedSet((set) =>
      cpSync(at('set/images/cells-002.png'), join(set, 'masks/cells-002.png')),
    );
    expect(failed(...args)).toEqual(
      report(1, /error\[data-set-invalid\]: [^\n]*\n.*bad\/masks\/cells-002.png.*objects/),
    );
    expect(failed(...args, '--label', '0=0', '--label', '1=1')).toEqual(
      report(1, /error\[data-set-invalid\]: bad: .*1 problem\n {2}bad\/masks\/cells-002.png: no class /),
    );
  });

  test('another number of classes than the network', () => {
    unet(['data', 'cells', '--out', 'three', '--count', '2', '--size', '48', '--classes', '3'], work);
    expect(failed('-d', 'three')).toEqual(
      report(1, /error\[data-mismatch\]: .*three .*3 classes.*Small has 2\nhelp: .*`classes = 3`.*--label/),
    );
  });

  test('nothing', () => {
    mkdirSync(at('empty'));
    expect(failed('-d', 'empty')).toEqual(report(1, /error\[images-missing\]: empty /));
    expect(failed('-d', 'nowhere')).toEqual(report(1, /error\[file-unreadable\]: .*nowhere/));
  });

  test('one image only', () => {
    const args = changedSet((set) => {
      for (const i of [2, 3, 4, 5, 6]) {
        for (const part of ['images', 'masks']) rmSync(join(set, `${part}/cells-00${i}.png`));
      }
    });
    expect(failed(...args)).toEqual(report(1, /error\[single-image\]: .*\nhelp: .*--validation 0/));
  });

  test.each([
    ['-0.1', /error\[validation-fraction\]: .* -0\.1$/m],
    ['1', /error\[validation-fraction\]: .* 1$/m],
    ['names.txt', /error\[validation-names\]: .*what/],
    ['nowhere.txt', /error\[file-unreadable\]: .*nowhere\.txt/],
  ])('--validation %s', (part, message) => {
    writeFileSync(at('names.txt'), 'cells-001\nwhat\n');
    expect(failed('--validation', part)).toEqual(report(1, message));
  });
});

describe('recipes that do not fit the network', () => {
  /** As failed, with another spec. */
  function failedSpec(spec: string, ...args: readonly string[]) {
    writeFileSync(at('other.unet'), spec);
    const rest = trainArguments('out', ...args).slice(2);
    const { code, stderr } = unet(['train', 'other.unet', ...rest], work);
    expect(() => numbersOf(at('out'))).toThrow('ENOENT');
    expect(stderr).not.toMatch(/\n {4}at |file:\/\//);
    return { code, stderr };
  }
  const withLine = (line: string) => network + recipe.replace('  batch', `  ${line}\n  batch`);

  test('an unknown recipe, or one of two', () => {
    expect(failed('--recipe', 'No')).toEqual(
      report(2, /error\[unknown-recipe\]: cells\.unet .*`No`\nhelp: .*Quick/),
    );
    const two = network + recipe + recipe.replace('Quick', 'Slow');
    expect(failedSpec(two)).toEqual(
      report(2, /error\[recipe-not-chosen\]: other\.unet .*Quick and Slow\nhelp: .*--recipe/),
    );
  });

  test('a patch that does not fit has the same error as an input of that size', () => {
    const { code, stderr } = failedSpec(withLine('patch = 32 x 34'));
    writeFileSync(at('input.unet'), network.replace('1 x 32 x 32', '1 x 32 x 34'));
    const asInput = unet(['check', 'input.unet'], work);
    const lines = (text: string, start: RegExp) => text.split('\n').filter((line) => start.test(line));
    expect(code).toBe(1);
    expect(stderr).toContain('error[input-does-not-fit]: W = 34');
    // The diagnostic is not repeated: the failure counts it.
    expect(stderr).toMatch(/^unet: error\[recipe-invalid\]: .*`Quick`.* Small: 1 error$/m);
    const help = lines(stderr, /^help: /);
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
    ['too many class weights', withLine('class_weights = [1, 2, 3]'), /`class_weights` has 3 numbers/],
    [
      'too few class weights for the standard loss',
      `${network}training Quick { class_weights = [1] }`,
      /`class_weights` has 1 numbers/,
    ],
    [
      'a softmax over one class, without a recipe',
      network.replace('classes  = 2', 'classes = 1'),
      /unet: Small cannot be trained: a softmax over one class is always 1/,
    ],
  ])('%s', (_, spec, message) => {
    expect(failedSpec(spec)).toEqual(report(1, message));
  });
});

describe('folders', () => {
  test('a folder that cannot be written to', () => {
    writeFileSync(at('file'), '');
    const args = trainArguments('out');
    for (const [output, action] of [
      ['file', 'read'],
      ['file/below', 'writ'],
    ]) {
      const { code, stderr } = unet([...args, '-o', output ?? ''], work);
      expect({ code, stderr }).toEqual(
        report(1, new RegExp(`error\\[file-un${action}able\\]: .*${output}: .*not a folder`)),
      );
    }
    if (existsSync('/proc/self')) {
      // Nothing can be made there; the recursive mkdir of Node 20 would try for ever.
      for (const call of [
        [...args, '-o', '/proc/run'],
        ['build', 'cells.unet', '--target', 'onnx', '-o', '/proc/run/model.onnx'],
        ['data', 'cells', '--out', '/proc/run', '--count', '1', '--size', '16'],
      ]) {
        const { code, stderr } = unet(call, work);
        expect(code).toBe(1);
        expect(stderr).toMatch(/error\[file-unwritable\]: .*\/proc\/run[^ :]*: .* \/proc\n/);
      }
    }
    expect(unet([...args, '-o', 'set'], work).stderr).toMatch(/error\[run-folder-occupied\]: set /);
  });

  test('a finished run, or another one, stays as it is', () => {
    expect(unet(trainArguments('done', '--epochs', '1'), work).code).toBe(0);
    const before = numbersOf(at('done'));
    const again = (...args: readonly string[]) =>
      unet([...trainArguments('done', '--epochs', '1', '--resume'), ...args], work);
    /** The first difference of each part, in the words of the report. */
    const differences = (...args: readonly string[]) => {
      const { stderr } = again(...args);
      expect(stderr).toMatch(/^unet: error\[run-different\]: done /);
      return [...stderr.matchAll(/\(([^)]*)\)/g)].map(([, text]) => text);
    };
    const finished = expect.stringMatching(/^unet: error\[run-finished\]: done /);
    expect(again().stderr).toEqual(finished);
    expect(differences('--epochs', '2')).toEqual(['epochs: 1 before, 2 now']);
    // The seed decides which images validate.
    expect(differences('--seed', '5')).toEqual([
      'seed: 0 before, 5 now',
      'validation: ["cells-003"] before, ["cells-002"] now',
    ]);
    expect(differences('-d', 'large')).toEqual(['6 images before, 2 now']);
    // The same names and sizes, and one other image.
    cpSync(at('two/images/cells-001.png'), at('two/images/cells-002.png'));
    expect(differences('-d', 'two')).toEqual(['cells-002 has other content']);
    writeFileSync(at('cells.unet'), network.replace('channels = 4', 'channels = 5') + recipe);
    expect(differences()).toEqual(['line 5 of cells.unet: `channels = 4` before, `channels = 5` now']);
    writeFileSync(at('cells.unet'), `// a comment\n${network}${recipe.replaceAll('\n', ' // and more\n')}`);
    expect(again().stderr).toEqual(finished);
    writeFileSync(at('cells.unet'), network + recipe);
    expect(numbersOf(at('done'))).toEqual(before);
  });

  test('an unfinished run needs --resume and a checkpoint that is whole', () => {
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
    expect(stderr).toMatch(/error\[checkpoint-damaged\]: begun\/checkpoint.safetensors /);
    const { 'checkpoint.safetensors': _, ...others } = before;
    rmSync(at('begun/checkpoint.safetensors'));
    expect(numbersOf(at('begun'))).toEqual(others);
  });
});

test('without onnxruntime-node, the report says how to install it, and nothing is written', () => {
  const hook =
    'export const resolve = (name, context, next) => { if (name === "onnxruntime-node") ' +
    'throw Object.assign(new Error("none"), { code: "ERR_MODULE_NOT_FOUND" }); return next(name, context); };';
  const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(register)}`;
  const { code, stderr } = unetProcess(trainArguments('out'), work, { NODE_OPTIONS });
  expect({ code, stderr }).toEqual(
    report(
      1,
      /error\[engine-not-installed\]: .*onnxruntime-node[\s\S]*npm install onnxruntime-node --ignore-scripts/,
    ),
  );
  expect(() => numbersOf(at('out'))).toThrow('ENOENT');
});
