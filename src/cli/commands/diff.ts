import { diffNetworks, type NetworkDiff } from '../../compiler/diff.js';
import { Failure } from '../../diagnostics/failure.js';
import { bytesText } from '../../runtime/bytes-text.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { countText, largeText, print, sizeText } from '../output/output.js';
import { addStatsOption, printJsonResult, printStats, type StatsOptions, timerFor } from '../output/stats.js';
import { tableText } from '../output/text-table.js';

interface Options extends TargetOptions, StatsOptions {
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<a>', 'FILE or FILE#NET')
      .argument('<b>', 'FILE or FILE#NET')
      .option('--json', 'print JSON');
    addInputOption(command);
    addSetOption(command);
    addStatsOption(command);
    examples(command, ['unet diff specs/unet2d.unet specs/unet2d-padded.unet#UNet2DPadded']);
    command.action((a: string, b: string, options: Options) => done(run(a, b, options)));
  },
};

function run(a: string, b: string, options: Options): Outcome {
  const timer = timerFor(options);
  const first = compileTarget(a, options, 'may fail', timer?.run);
  if (first instanceof Failure) return first;
  const second = compileTarget(b, options, 'may fail', timer?.run);
  if (second instanceof Failure) return second;
  const diff = diffNetworks(first, second);
  if (options.json) {
    printJsonResult(diff, timer);
    return 0;
  }
  print(render(diff));
  printStats(timer);
  return 0;
}

function render(diff: NetworkDiff): string {
  const columns = [
    { title: '', align: 'left' },
    { title: diff.a, align: 'left' },
    { title: diff.b, align: 'left' },
  ] as const;
  const shape = (map: NetworkDiff['stages'][number]['a']) =>
    map ? sizeText([map.channels, ...map.spatial]) : '-';
  const ratio = (a: number, b: number) => (a === b || a === 0 ? '' : ` (${(b / a).toFixed(2)}x)`);
  const { params, macs, memory } = diff;
  const cost = [
    ['parameters', countText(params.a), countText(params.b) + ratio(params.a, params.b)],
    ['multiply-adds', largeText(macs.a), largeText(macs.b) + ratio(macs.a, macs.b)],
    [
      'inference memory',
      bytesText(memory.a.inference),
      bytesText(memory.b.inference) + ratio(memory.a.inference, memory.b.inference),
    ],
    [
      'training memory',
      bytesText(memory.a.training),
      bytesText(memory.b.training) + ratio(memory.a.training, memory.b.training),
    ],
  ];
  const fields = diff.fields.map(({ path, a, b }) => [path, a ?? '-', b ?? '-']);
  const stages = diff.stages.map(({ stage, a, b }) => [stage, shape(a), shape(b)]);
  const parts = [
    fields.length === 0
      ? 'The settings are the same.'
      : tableText([{ ...columns[0], title: 'setting' }, ...columns.slice(1)], fields, 'text'),
    stages.length === 0
      ? 'Every stage has the same shape.'
      : tableText([{ ...columns[0], title: 'stage' }, ...columns.slice(1)], stages, 'text'),
    tableText([{ ...columns[0], title: 'cost' }, ...columns.slice(1)], cost, 'text'),
  ];
  return parts.join('\n\n');
}
