import { Failure } from '../../diagnostics/failure.js';
import { bytesText } from '../../runtime/bytes-text.js';
import type { NativeKind } from '../../runtime/tfjs/engines/native.js';
import { probeInChild } from '../../runtime/tfjs/engines/probe-in-child.js';
import { installNative } from '../../runtime/tfjs/install.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { fail, print, printJson, say, usageError } from '../output/output.js';

interface Options {
  readonly save?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const KINDS: Readonly<Record<string, NativeKind>> = { gpu: 'tfjs-node-gpu', cpu: 'tfjs-node' };

export const command: CommandModule = {
  define(command, done) {
    const install = command
      .command('install')
      .summary('add TensorFlow.js on TensorFlow itself')
      .description(
        'Adds @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node to the project in this folder, lets it download ' +
          'TensorFlow, and tries it.',
      )
      .argument('<engine>', 'gpu (NVIDIA, CUDA 11.2, cuDNN 8.1) or cpu')
      .option('--save', 'also write it into package.json as an optional dependency')
      .option('--timeout <seconds>', 'how long to wait for a host that sends nothing', '60')
      .option('--json', 'print what was added as JSON');
    examples(install, ['unet engine install cpu', 'unet engine install gpu --save']);
    install.action(async (engine: string, options: Options) => done(await run(engine, options)));
    examples(command, ['unet engine install cpu --json']);
  },
};

async function run(engine: string, options: Options): Promise<ExitCode> {
  const kind = Object.hasOwn(KINDS, engine) ? KINDS[engine] : undefined;
  if (kind === undefined) return usageError(`unet engine install takes gpu or cpu, not \`${engine}\``);
  if (!/^[1-9]\d{0,4}$/.test(options.timeout)) {
    return usageError(`--timeout takes a number of seconds, not \`${options.timeout}\``);
  }
  const script = process.argv[1] ?? '';
  const progress = new StepProgress();
  const installed = await installNative(kind, {
    folder: process.cwd(),
    silenceMs: 1000 * Number(options.timeout),
    ...(options.save ? { save: true } : {}),
    probe: (name, folder) => probeInChild(script, ['doctor', '--probe', name], folder),
    onProgress: (step, bytes) => progress.show(step, bytes),
  });
  progress.end();
  if (installed instanceof Failure) return fail(installed);
  if (options.json) {
    printJson({ ...installed, saved: installed.changed && options.save === true });
    return 0;
  }
  const name = `${installed.package} ${installed.version}`;
  if (!installed.changed) {
    print(`${name} is there already, and computes`);
    return 0;
  }
  print(`${name} is installed in ${installed.project}, and computes`);
  say(
    options.save
      ? 'note: where install scripts are switched off, `npm ci` leaves it unbuilt: run this command again there'
      : 'note: it is not in package.json, so that `npm ci` removes it again; --save writes it there',
  );
  return 0;
}

/** A line for each step; on a terminal also how much has come, and for how long the step goes on. */
class StepProgress {
  private step = '';
  private begun = 0;
  private open = false;

  show(step: string, bytes: number): void {
    if (step !== this.step) {
      this.end();
      this.step = step;
      this.begun = performance.now();
      if (!process.stderr.isTTY) say(`${step}...`);
    }
    if (!process.stderr.isTTY) return;
    const seconds = Math.round((performance.now() - this.begun) / 1000);
    const size = bytes > 0 ? `${bytesText(bytes)}, ` : '';
    process.stderr.write(`\r\x1b[K${step}: ${size}${seconds} s`);
    this.open = true;
  }

  end(): void {
    if (this.open) process.stderr.write('\n');
    this.open = false;
  }
}
