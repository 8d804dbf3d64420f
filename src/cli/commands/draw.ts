import { pictureOf } from '../../draw/from-graph.js';
import { drawSvg } from '../../draw/svg/svg.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { countText, fail, largeText, print, sizeText, usageError } from '../output/output.js';
import { addStatsOption, printJsonResult, printStats, type StatsOptions, timerFor } from '../output/stats.js';

interface Options extends TargetOptions, StatsOptions {
  readonly output?: string;
  readonly theme: string;
  readonly json?: boolean;
}

const themes = ['auto', 'light', 'dark'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .option('-o, --output <file>', 'the SVG; standard output without it')
      .option('--theme <theme>', themes.join(', '), 'auto')
      .option('--json', 'print where the picture is as JSON');
    addInputOption(command);
    addSetOption(command);
    addStatsOption(command);
    examples(command, ['unet draw specs/unet2d.unet -o out/unet2d.svg']);
    command.action((target: string, options: Options) => done(run(target, options)));
  },
};

function run(target: string, options: Options): ExitCode {
  const theme = themes.find((one) => one === options.theme);
  if (!theme) return usageError(`--theme takes ${themes.join(', ')}, not \`${options.theme}\``);
  if (options.output !== undefined && !/\.svg$/i.test(options.output)) {
    return usageError(`-o takes an .svg file, not ${options.output}`);
  }
  const timer = timerFor(options);
  const network = compileTarget(target, options, 'may fail', timer?.run);
  if (typeof network === 'number') return network;
  const { facts, training, spec } = network;
  const input = sizeText([spec.input.value.channels, ...facts.spatial(0)]);
  const subtitle = `${countText(facts.parameters)} parameters, ${largeText(facts.macs)} multiply-adds at ${input}`;
  const svg = drawSvg(pictureOf(training, subtitle), { theme });
  if (options.output === undefined) {
    print(svg);
    printStats(timer);
    return 0;
  }
  const failure = writeFileAtomically(options.output, [new TextEncoder().encode(svg)]);
  if (failure) return fail(failure);
  if (options.json) {
    printJsonResult({ output: options.output }, timer);
    return 0;
  }
  print(`wrote ${options.output}`);
  printStats(timer);
  return 0;
}
