import { Failure, failure } from '../../diagnostics/failure.js';
import { pictureOf } from '../../draw/from-graph.js';
import { drawSvg } from '../../draw/svg/svg.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { countText, largeText, print, sizeText } from '../output/output.js';
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
      .option('-o, --output <file>', 'the SVG file (default: standard output)')
      .option('--theme <theme>', `the colours: ${themes.join(', ')}`, 'auto')
      .option('--json', 'print the path of the picture as JSON');
    addInputOption(command);
    addSetOption(command);
    addStatsOption(command);
    examples(command, ['unet draw specs/unet2d.unet -o out/unet2d.svg']);
    command.action((target: string, options: Options) => done(run(target, options)));
  },
};

function run(target: string, options: Options): Outcome {
  const theme = themes.find((one) => one === options.theme);
  if (!theme) {
    return failure('invalid-option-value', {
      option: '--theme',
      value: options.theme,
      wanted: { oneOf: themes },
    });
  }
  if (options.output !== undefined && !/\.svg$/i.test(options.output)) {
    const problem = { case: 'ending' as const, endings: ['.svg'] };
    return failure('invalid-output-path', { option: '-o', path: options.output, problem });
  }
  const timer = timerFor(options);
  const network = compileTarget(target, options, 'may fail', timer?.run);
  if (network instanceof Failure) return network;
  const { facts, training, spec } = network;
  const input = sizeText([spec.input.value.channels, ...facts.spatial(0)]);
  const subtitle = `${countText(facts.parameters)} parameters, ${largeText(facts.macs)} multiply-adds at ${input}`;
  const svg = drawSvg(pictureOf(training, subtitle), { theme });
  if (options.output === undefined) {
    print(svg);
    printStats(timer);
    return 0;
  }
  const failed = writeFileAtomically(options.output, [new TextEncoder().encode(svg)]);
  if (failed) return failed;
  if (options.json) {
    printJsonResult({ output: options.output }, timer);
    return 0;
  }
  print(`wrote ${options.output}`);
  printStats(timer);
  return 0;
}
