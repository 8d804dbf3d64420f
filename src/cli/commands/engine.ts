import { Failure, failure } from '../../diagnostics/failure.js';
import { bytesText } from '../../runtime/bytes-text.js';
import type { NativeKind } from '../../runtime/tfjs/engines/native.js';
import { probeInChild } from '../../runtime/tfjs/engines/probe-in-child.js';
import { installNative } from '../../runtime/tfjs/install.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { print, printJson, report, reportNote } from '../output/output.js';

interface Options {
  readonly save?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

/** In seconds: over a day. */
const LONGEST_TIMEOUT = 99_999;

const KINDS: Readonly<Record<string, NativeKind>> = { gpu: 'tfjs-node-gpu', cpu: 'tfjs-node' };

export const command: CommandModule = {
  define(command, done) {
    const install = command
      .command('install')
      .summary('install TensorFlow.js with the native TensorFlow library')
      .description(
        'Installs @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node in the project of this folder, downloads ' +
          "TensorFlow's library, and tries the engine.",
      )
      .argument('<engine>', 'gpu (NVIDIA, CUDA 11.2, cuDNN 8.1) or cpu')
      .option('--save', 'also add it to package.json as an optional dependency')
      .option('--timeout <seconds>', 'how long to wait for a silent host', '60')
      .option('--json', 'print the result as JSON');
    examples(install, ['unet engine install cpu', 'unet engine install gpu --save']);
    install.action(async (engine: string, options: Options) => done(await run(engine, options)));
    examples(command, ['unet engine install cpu --json']);
  },
};

async function run(engine: string, options: Options): Promise<Outcome> {
  const kind = Object.hasOwn(KINDS, engine) ? KINDS[engine] : undefined;
  if (kind === undefined) {
    const wanted = { oneOf: Object.keys(KINDS) };
    return failure('invalid-option-value', { option: 'unet engine install', value: engine, wanted });
  }
  if (!/^[1-9]\d{0,4}$/.test(options.timeout)) {
    const wanted = { wholeFrom: 1, to: LONGEST_TIMEOUT };
    return failure('invalid-option-value', { option: '--timeout', value: options.timeout, wanted });
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
  if (installed instanceof Failure) return installed;
  if (options.json) {
    printJson({ ...installed, saved: installed.changed && options.save === true });
    return 0;
  }
  const name = `${installed.package} ${installed.version}`;
  if (!installed.changed) {
    print(`${name} is already installed and works`);
    return 0;
  }
  print(`${name} is installed in ${installed.project} and works`);
  reportNote(
    options.save
      ? '`npm ci` does not build it if install scripts are switched off; if so, run this command again after it'
      : 'it is not in package.json, so `npm ci` removes it again; --save writes it there',
  );
  return 0;
}

/** Shows a line for each step; on a terminal also the bytes so far and the time. */
class StepProgress {
  private step = '';
  private begun = 0;
  private open = false;

  show(step: string, bytes: number): void {
    if (step !== this.step) {
      this.end();
      this.step = step;
      this.begun = performance.now();
      if (!process.stderr.isTTY) report(`${step}...`);
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
