import { type ShapeTable, shapeTable } from '../../analysis/shape-table.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { normalizationText } from '../../normalize/normalization.js';
import { bytesText } from '../../runtime/bytes-text.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { countText, largeText, print, sizeText } from '../output/output.js';
import { addStatsOption, printJsonResult, printStats, type StatsOptions, timerFor } from '../output/stats.js';
import { type TableColumn, type TableFormat, tableFormats, tableText } from '../output/text-table.js';

interface Options extends TargetOptions, StatsOptions {
  readonly json?: boolean;
  readonly format: string;
}

const columns: readonly TableColumn[] = [
  { title: 'stage', align: 'left' },
  { title: 'channels', align: 'right' },
  { title: 'size', align: 'right' },
  { title: 'parameters', align: 'right' },
  { title: 'multiply-adds', align: 'right' },
  { title: 'receptive field', align: 'right' },
];

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .option('--json', 'print JSON')
      .option('--format <format>', `the form of the table: ${tableFormats.join(', ')}`, 'text');
    addInputOption(command);
    addSetOption(command);
    addStatsOption(command);
    examples(command, [
      'unet table specs/unet2d.unet',
      'unet table specs/unet2d.unet --input "1 x 188 x 188"',
      'unet table specs/unet3d.unet --format markdown',
    ]);
    command.action((target: string, options: Options) => done(run(target, options)));
  },
};

function run(target: string, options: Options): Outcome {
  const format = tableFormats.find((one) => one === options.format);
  if (!format) {
    return failure('invalid-option-value', {
      option: '--format',
      value: options.format,
      wanted: { oneOf: tableFormats },
    });
  }
  const timer = timerFor(options);
  const network = compileTarget(target, options, 'may fail', timer?.run);
  if (network instanceof Failure) return network;
  const table = { ...shapeTable(network.facts), normalize: normalizationText(network.spec.normalize.value) };
  if (options.json) {
    printJsonResult(table, timer);
    return 0;
  }
  print(render(table, format));
  printStats(timer);
  return 0;
}

/** The shapes of a network, and what is done to the values of an image before. */
type PrintedTable = ShapeTable & { readonly normalize: string };

function render(table: PrintedTable, format: TableFormat): string {
  const exact = format === 'csv';
  const count = (value: number) => (exact ? String(value) : value === 0 ? '' : countText(value));
  const rows = table.stages.map((row) => [
    row.stage,
    String(row.channels),
    sizeText(row.spatial),
    count(row.params),
    exact ? String(row.macs) : row.macs === 0 ? '' : largeText(row.macs),
    fieldText(row.receptiveField),
  ]);
  const text = tableText(columns, rows, format);
  if (format === 'csv') return text;
  const crops = Object.entries(table.crops).map(([level, crop]) => `skip[${level}] ${fieldText(crop)}`);
  const facts = [
    `${table.network}: ${countText(table.params)} parameters, ${largeText(table.macs)} multiply-adds`,
    ...(table.trainingParams > table.params
      ? [`${countText(table.trainingParams)} parameters in training, with the heads that only training needs`]
      : []),
    ...(table.statistics > 0
      ? [`${countText(table.statistics)} running statistics, saved with the parameters`]
      : []),
    `input ${sizeText([table.input.channels, ...table.input.spatial])} -> output ${sizeText([table.output.channels, ...table.output.spatial])}, context ${fieldText(table.context)}`,
    ...(table.normalize === 'none' ? [] : [`values of an image: normalize = ${table.normalize}`]),
    `peak activation memory for one sample in float32: ${bytesText(table.memory.inference)} in inference, ${bytesText(table.memory.training)} in training`,
    ...(crops.length > 0 ? [`crops per side: ${crops.join(', ')}`] : []),
  ];
  return `${text}\n\n${facts.map((fact) => (format === 'markdown' ? `- ${fact}` : fact)).join('\n')}`;
}

/** One number if all axes agree. */
function fieldText(sizes: readonly number[]): string {
  return sizes.every((size) => size === sizes[0]) ? String(sizes[0]) : sizeText(sizes);
}
