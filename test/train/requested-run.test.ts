import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import { unet } from '../cli/unet.js';
import { brute } from '../metrics/brute-surfaces.js';
import { numbersOf, resultsOf, trainArguments, workFolder } from './cells-run.js';

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('the numbers of a run agree with its predictions', () => {
  // A patch is a whole image, so `unet run` has the predictions of the validation.
  test.each([
    {
      name: 'images, in pixels',
      spec: 'unet Net { input = 1 x 32 x 32  classes = 2  depth = 2  channels = 4  padding = same }',
      cells: ['--count', '5', '--size', '32'],
      unit: 'pixels',
      spacing: [1, 1],
    },
    {
      name: 'volumes, in micrometres',
      spec: `unet Net {
        input = 1 x 16 x 16 x 16  classes = 2  depth = 2  channels = 4  padding = same
      }`,
      cells: [
        '--count',
        '4',
        '--size',
        '16 x 16 x 16',
        '--volume',
        '--radius',
        '9',
        '--spacing',
        '2 x 1 x 0.5',
      ],
      unit: 'µm',
      spacing: [2, 1, 0.5],
    },
  ])('$name', async ({ spec, cells, unit, spacing }) => {
    const recipe = `training All {
      loss = cross_entropy + dice  optimizer = adam(lr: 0.03)  epochs = 10  batch = 1
      metrics = [assd, hd, hd95, accuracy, recall, precision, dice, iou]
    }`;
    const work = workFolder(`${spec}\n${recipe}`, cells);
    const { code, stderr } = unet(trainArguments('out', '--validation', '0.4'), work);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { best, epochs, conventions } = readJson(join(work, 'out/metrics.json'));
    const { requested } = epochs[best.epoch - 1];
    const dataSet = await openDataSet(join(work, 'set'));
    if (dataSet instanceof Failure) throw new Error(dataSet.message);
    const validation: string[] = readJson(join(work, 'out/data.json')).validation;
    expect(validation).toHaveLength(2);
    const found = { hd: [0], hd95: [0], assd: [0] };
    const sums = { right: 0, all: 0 };
    for (const name of validation) {
      const stored = dataSet.samples.find((one) => one.name === name);
      const sample = stored && (await readSample(stored, dataSet));
      if (!sample || sample instanceof Failure) throw new Error(name);
      writeFileSync(join(work, 'image.npy'), Buffer.concat([...npyChunks(sample.image)]));
      const ran = unet(['run', 'out/model.onnx', '-i', 'image.npy', '-o', 'found.npy'], work);
      expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
      const probabilities = readNpy(join(work, 'found.npy'));
      if (probabilities instanceof Failure) throw new Error(probabilities.message);
      // Probabilities, (2, ...spatial).
      const positions = probabilities.data.length / 2;
      const predicted = Uint16Array.from({ length: positions }, (_, i) =>
        (probabilities.data[i + positions] ?? 0) > (probabilities.data[i] ?? 0) ? 1 : 0,
      );
      const { hd, hd95, assd } = brute(predicted, sample.classes, 1, sample.image.shape.slice(1), spacing);
      found.hd.push(hd);
      found.hd95.push(hd95);
      found.assd.push(assd);
      sums.right += predicted.filter((label, i) => label === sample.classes[i]).length;
      sums.all += predicted.length;
    }
    for (const name of ['hd', 'hd95', 'assd'] as const) {
      const mean = found[name].reduce((a, b) => a + b) / 2;
      expect(mean).toBeGreaterThan(0);
      expect(mean).toBeLessThan(100);
      expect(requested[name]).toEqual({
        byClass: [null, expect.closeTo(mean, 6)],
        overall: expect.closeTo(mean, 6),
      });
    }
    expect(requested.accuracy).toEqual({ byClass: [], overall: expect.closeTo(sums.right / sums.all, 9) });
    expect(conventions.join()).toContain(`Distances are in ${unit}.`);
    const report = readFileSync(join(work, 'out/report.md'), 'utf8');
    expect(report).toContain(
      `| class | HD95 (${unit}) | HD (${unit}) | ASSD (${unit}) | images | only in one |`,
    );
    expect(report).toContain(`| class 1 | ${requested.hd95.overall.toFixed(4)} |`);
    expect(readFileSync(join(work, 'out/metrics.csv'), 'utf8')).toContain(
      ',accuracy,hd95_class 1,foreground_hd95,',
    );
    expect(readFileSync(join(work, 'out/curves.svg'), 'utf8')).toContain(`HD95 (${unit})`);
    rmSync(work, { recursive: true });
  });
});

describe('patience', () => {
  const spec = `unet Small { input = 1 x 32 x 32  classes = 2  depth = 2  channels = 4  padding = same }
  training Idle { loss = cross_entropy  optimizer = sgd(lr: 1e-50)  batch = 2  epochs = 30  patience = 9  metrics = hd95 }`;
  let work = '';
  beforeAll(() => {
    work = workFolder(spec, ['--count', '4', '--size', '32']);
  });
  afterAll(() => rmSync(work, { recursive: true }));
  const train = (...args: readonly string[]) => unet(trainArguments('out', ...args), work);
  const report = () => readFileSync(join(work, 'out/report.md'), 'utf8');

  test('--patience takes precedence over the recipe, and the report says why training ended', () => {
    const { code, stdout } = train('--patience', '2');
    expect({ code, lines: stdout.match(/^epoch /gm)?.length }).toEqual({ code: 0, lines: 3 });
    expect(stdout).toMatch(/stopped early, best Dice [\d.]+ in epoch 1: /);
    expect(report()).toMatch(/^- end: stopped early after epoch 3 of 30: since epoch 1, .* 2 epochs$/m);
    expect(readJson(join(work, 'out/recipe.json'))).toMatchObject({ patience: 2, metrics: ['hd95'] });
  });

  test('a run that ended stays finished, also with less patience; more of it needs --resume', () => {
    const before = numbersOf(join(work, 'out'));
    expect(train('--patience', '2', '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[run-finished\]: out /),
    });
    expect(train('--patience', '1', '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another recipe (patience: 2 before, 1 now)'),
    });
    expect(train('--patience', '5')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[run-shorter\]: out .*\nhelp: .*--resume/),
    });
    expect(numbersOf(join(work, 'out'))).toEqual(before);
  });

  test('a run that was killed after its last epoch trains no more, and has the same report', () => {
    const before = resultsOf(join(work, 'out'));
    const path = join(work, 'out/run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"finished": true', '"finished": false'));
    for (const name of ['report.md', 'model.onnx', 'metrics.json']) rmSync(join(work, 'out', name));
    const { code, stdout } = train('--patience', '2', '--resume');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^epoch /m);
    expect(resultsOf(join(work, 'out'))).toEqual(before);
  });

  test('a run that was stopped before continues to count from the best epoch', () => {
    const args = ['--patience', '4', '--json'];
    const folder = (name: string) => join(work, name);
    const whole = unet(trainArguments('whole', ...args), work);
    expect(JSON.parse(whole.stdout)).toMatchObject({
      end: 'early-stopped',
      epochs: 5,
      best: { epoch: 1 },
    });
    // As after a kill in the last epoch: only the checkpoint before the last is left.
    expect(unet(trainArguments('part', ...args), work).code).toBe(0);
    expect(existsSync(folder('part/checkpoint.previous.safetensors'))).toBe(true);
    rmSync(folder('part/checkpoint.safetensors'));
    const path = folder('part/run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"finished": true', '"finished": false'));
    const resumed = unet(trainArguments('part', ...args, '--resume'), work);
    expect({ code: resumed.code, stdout: JSON.parse(resumed.stdout).epochs }).toEqual({ code: 0, stdout: 5 });
    expect(resumed.stderr).toContain('after epoch 4');
    expect(resultsOf(folder('part'))).toEqual(resultsOf(folder('whole')));
  });

  test.each(['0', 'x', '1.5', '1000001'])('--patience %s', (value) => {
    const { code, stderr } = unet(trainArguments('none', '--patience', value), work);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        `error\\[invalid-option-value\\]: --patience .*1000000, not \`${value}\``,
      ),
    });
  });
});
