import { sizeRule, sizeTable } from '../../analysis/size-table.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { fits } from '../../shape/admissible.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { print, sizeText } from '../output/output.js';
import { addStatsOption, printJsonResult, printStats, type StatsOptions, timerFor } from '../output/stats.js';
import { tableText } from '../output/text-table.js';

interface Options extends TargetOptions, StatsOptions {
  readonly json?: boolean;
  readonly near?: string;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .option('--near <size>', 'show the sizes around this one: a number, or one per axis as in 570x300')
      .option('--json', 'print JSON');
    addSetOption(command);
    addStatsOption(command);
    examples(command, ['unet sizes specs/unet2d.unet', 'unet sizes specs/unet2d.unet --near 570']);
    command.action((target: string, options: Options) => done(run(target, options)));
  },
};

function run(target: string, options: Options): Outcome {
  const near = options.near?.split(/\s*[x×]\s*/).map(Number);
  const nearError = (axes: number | undefined) =>
    failure('invalid-option-value', { option: '--near', value: options.near ?? '', wanted: { sizes: axes } });
  if (near?.some((size) => !Number.isInteger(size) || size < 1 || size > 2 ** 31))
    return nearError(undefined);
  const timer = timerFor(options);
  const network = compileTarget(target, options, 'may fail', timer?.run);
  if (network instanceof Failure) return network;
  const { graph, axes } = network;
  if (near && near.length !== 1 && near.length !== axes.length) return nearError(axes.length);
  const table = sizeTable(graph, axes, near);
  if (options.json) {
    printJsonResult(table, timer);
    return 0;
  }
  const lines = axes.map((axis, i) => sizeRule(graph, axis, i));
  if (near) {
    for (const [i, axis] of axes.entries()) {
      const size = near[i] ?? near[0] ?? 0;
      const below = table.nearest.below[i];
      const around = [below, table.nearest.above[i]].filter((one) => one !== null && one !== undefined);
      lines.push(
        fits(axis, size)
          ? `${axis.axis} = ${size} fits`
          : `${axis.axis} = ${size} does not fit: nearest that fit: ${around.join(', ')}`,
      );
    }
  }
  const rows = table.examples.map(({ input, output }) => [sizeText(input), sizeText(output)]);
  const columns = [
    { title: 'input', align: 'right' },
    { title: 'output', align: 'right' },
  ] as const;
  print(`${lines.join('\n')}\n\n${tableText(columns, rows, 'text')}`);
  printStats(timer);
  return 0;
}
