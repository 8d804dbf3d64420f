import { sumCounts } from '../../data/labels/label-counts.js';
import { IGNORED, labelTexts } from '../../data/labels/label-map.js';
import { openDataSet } from '../../data/open-data-set.js';
import { verifyDataSet } from '../../data/survey/survey.js';
import { writeCellSet } from '../../data/synthetic/write-cell-set.js';
import { describeValues } from '../../data/values/describe-values.js';
import type { Wanted } from '../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { DataValues } from '../../normalize/data-values.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addLabelOptions, type LabelOptions, readLabels } from '../input/label-options.js';
import { addPairOptions, type PairChoice, pairUsageError, readPairs } from '../input/pair-options.js';
import { countText, print, printJson, reportNote, sizeText } from '../output/output.js';
import { ProgressBar } from '../output/progress.js';

interface CellsOptions {
  readonly out: string;
  readonly count: string;
  readonly size: string;
  readonly volume?: boolean;
  readonly spacing?: string;
  readonly radius: string;
  readonly bits: string;
  readonly classes: string;
  readonly seed: string;
  readonly json?: boolean;
}

interface CheckOptions extends LabelOptions, PairChoice {
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    const cells = command
      .command('cells')
      .summary('make a set of synthetic microscope images')
      .description(
        'Writes images of touching cells with a stained membrane, their masks, and the number of every cell. The ' +
          'same seed gives the same images.',
      )
      .requiredOption('-o, --out <dir>', 'an empty or new folder')
      .option('--count <number>', 'how many images', '20')
      .option('--size <size>', 'N, or H x W; with --volume N, or D x H x W', '256')
      .option('--volume', 'make volumes (.nii.gz) in place of images (.png)')
      .option('--spacing <sizes>', 'of the voxels, in micrometres: S, or D x H x W (default: 1)')
      .option('--radius <pixels>', 'of a cell without neighbours', '14')
      .option('--bits <number>', 'bits of a gray value: 8 or 16', '8')
      .option('--classes <number>', '2: background and cell; 3: background, cell and membrane', '2')
      .option('--seed <number>', 'the seed of the random numbers', '0')
      .option('--json', 'print the result as JSON');
    examples(cells, [
      'unet data cells --out cells --count 40 --size 256',
      'unet data cells --out volumes --count 8 --size "48 x 96 x 96" --volume --spacing "2 x 1 x 1"',
    ]);
    cells.action(async (options: CellsOptions) => done(await makeCells(options)));
    const check = command
      .command('check')
      .summary('read a set of images and masks, and list everything that is wrong')
      .description(
        'Reads every image and mask of a folder once, and lists all files on which a training would fail. If the set ' +
          'is right, prints the number of images, their sizes, and the share of each class.',
      )
      .argument('<dir>', 'a folder with images and masks')
      .option('--json', 'print the result as JSON');
    addPairOptions(check);
    addLabelOptions(check);
    examples(check, [
      'unet data check cells',
      'unet data check tubules --label 0=0 --label 255=1 --ignore 3',
      'unet data check scans --images "{case}/{case}_{channel}.nii.gz" --masks "{case}/{case}_seg.nii.gz"',
    ]);
    check.action(async (folder: string, options: CheckOptions) => done(await checkSet(folder, options)));
    examples(command, ['unet data cells --out cells --count 40 --size 256', 'unet data check cells --json']);
  },
};

/** "64" or "32 x 64 x 64" as one number per axis. */
function readAxes(text: string, rank: number): number[] | undefined {
  const numbers = text
    .split(/\s*[x×,]\s*/i)
    .map((part) => (/^\d+(\.\d+)?$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (numbers.some(Number.isNaN)) return undefined;
  if (numbers.length === 1) return Array.from({ length: rank }, () => numbers[0] ?? 0);
  return numbers.length === rank ? numbers : undefined;
}

function wrongValue(option: string, value: string, wanted: Wanted): Failure {
  return failure('invalid-option-value', { option, value, wanted });
}

async function makeCells(options: CellsOptions): Promise<Outcome> {
  const rank = options.volume ? 3 : 2;
  const shape = readAxes(options.size, rank);
  if (shape === undefined) return wrongValue('--size', options.size, { sizes: rank });
  if (options.spacing !== undefined && !options.volume)
    return failure('incomplete-options', { option: '--spacing', required: 'volume' });
  const spacing = readAxes(options.spacing ?? '1', rank);
  if (spacing === undefined) return wrongValue('--spacing', options.spacing ?? '', { sizes: rank });
  for (const [name, text] of [
    ['--count', options.count],
    ['--seed', options.seed],
  ] as const) {
    if (!/^\d{1,15}$/.test(text)) return wrongValue(name, text, { wholeFrom: 0 });
  }
  if (!/^\d+(\.\d+)?$/.test(options.radius)) return wrongValue('--radius', options.radius, { numberFrom: 0 });
  const bits = ([8, 16] as const).find((one) => String(one) === options.bits);
  if (bits === undefined) return wrongValue('--bits', options.bits, { oneOf: ['8', '16'] });
  const classes = ([2, 3] as const).find((one) => String(one) === options.classes);
  if (classes === undefined) return wrongValue('--classes', options.classes, { oneOf: ['2', '3'] });
  const progress = new ProgressBar('drawing cells', 'images');
  const settings = {
    shape,
    spacing,
    radius: Number(options.radius),
    seed: Number(options.seed),
    bits,
    classes,
  };
  const written = await writeCellSet({
    ...settings,
    folder: options.out,
    count: Number(options.count),
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (written instanceof Failure) return written;
  const { samples, description } = written;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const [cells, touching] = [sum(samples.map((one) => one.cells)), sum(samples.map((one) => one.touching))];
  if (options.json) {
    printJson({ folder: options.out, description, ...settings, count: samples.length, cells, touching });
  } else {
    const what = `${samples.length} ${options.volume ? 'volume' : 'image'}${samples.length === 1 ? '' : 's'}`;
    print(
      `wrote ${what} of ${sizeText(shape)} with masks and instances into ${options.out}: ` +
        `${countText(cells)} cells, ${countText(touching)} pairs of cells touch`,
    );
  }
  return 0;
}

async function checkSet(folder: string, options: CheckOptions): Promise<Outcome> {
  const wrong = pairUsageError(options);
  if (wrong) return wrong;
  const labels = readLabels(options);
  if (labels instanceof Failure) return labels;
  const finding = new ProgressBar('reading', 'pairs');
  const set = await openDataSet(folder, {
    ...readPairs(options),
    // Slices are images.
    ...(options.axis === undefined ? {} : { rank: 2 }),
    ...(labels === undefined ? {} : { labels }),
    ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
    thorough: true,
    // Nothing is read twice.
    cacheBytes: 0,
    readImages: { form: 'stored', use: 'describe' },
    onProgress: (done, all) => finding.update(done, all),
  });
  finding.end();
  if (set instanceof Failure) return set;
  const progress = new ProgressBar('reading', 'images');
  const values = set.values ?? new DataValues(set.channels);
  const findings = await verifyDataSet(set, {
    ...(set.values
      ? {}
      : { summaries: { form: 'stored', add: (_sample, summary) => values.add(summary) } as const }),
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (findings instanceof Failure) return findings;
  const described = describeValues(values, { kind: 'none' });
  const notes = [...set.notes, ...described.warnings];
  if (!options.json) for (const note of notes) reportNote(note);
  const { byClass, ignored } = sumCounts(
    findings.map((one) => one.labels),
    set.labels.classes,
  );
  const labelled = labelTexts(set.labels);
  const sizes = [...new Set(set.samples.map(({ spatial }) => sizeText(spatial)))];
  const classes = Array.from({ length: set.labels.classes }, (_, label) => ({
    class: label,
    values: labelled.filter((one) => one.label === label).map((one) => one.value),
    positions: byClass[label] ?? 0,
  }));
  if (options.json) {
    printJson({
      ...{ folder, samples: set.samples.length, channels: set.channels, sizes, classes, ignored },
      ...{ values: values.channels, notes },
    });
    return 0;
  }
  const total = byClass.reduce((sum, count) => sum + count, ignored);
  const share = (count: number) => `${((100 * count) / total).toFixed(1)} %`;
  const lines = classes.map(
    (one) => `class ${one.class} (value ${one.values.join(', ')}): ${share(one.positions)}`,
  );
  // Also a value that dataset.json names.
  const unlabelled = labelled.filter(({ label }) => label === IGNORED).map(({ value }) => value);
  if (unlabelled.length > 0) lines.push(`ignored (value ${unlabelled.join(', ')}): ${share(ignored)}`);
  const shown = sizes.length <= 3 ? sizes.join(' and ') : `${sizes.length} sizes`;
  const count = `${set.samples.length} image${set.samples.length === 1 ? '' : 's'} with masks`;
  print(`${folder}: ${count}, ${set.channels} x ${shown}\n${[...described.lines, ...lines].join('\n')}`);
  return 0;
}
