import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../diagnostics/failure.js';
import { writeFilesAtomically } from '../../runtime/files/write-file.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { print, printJson } from '../output/output.js';

interface Options {
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<dir>', 'the folder; created if it does not exist')
      .option('--json', 'print the files as JSON');
    examples(command, ['unet init my-network']);
    command.action((dir: string, options: Options) => done(run(dir, options)));
  },
};

const network = `// A U-Net with same padding: the output has the size of the input.
language 1

unet Net {
  input    = 1 x 256 x 256 // channels x height x width
  classes  = 2
  depth    = 4
  channels = 32
  padding  = same
  norm     = batch
  bias     = false         // the norm has its own shift

  // Claims about the network. The compiler proves them, or reports what is wrong.
  expect {
    bottleneck == 512 x 16 x 16
    output     == 2 x 256 x 256
  }
}
`;

const variants = `// Variants are edits: they inherit everything else from the network that they extend.
language 1

import { Net } from "./net.unet"

unet NetResidual extends Net { block = residual }
unet NetWithoutSkip1 extends Net { skip[1] = none }
`;

const readme = `# A network in unet-lang

    unet check *.unet
    unet table net.unet
    unet diff net.unet variants.unet#NetResidual
    unet draw net.unet -o net.svg
    unet build net.unet --target onnx -o net.onnx
    unet run net.onnx --input image.png -o mask.png
`;

const files = { 'net.unet': network, 'variants.unet': variants, 'README.md': readme } as const;

function run(dir: string, options: Options): Outcome {
  const taken = Object.keys(files).filter((name) => existsSync(join(dir, name)));
  if (taken.length > 0) return failure('file-exists', { folder: dir, files: taken });
  const written = Object.entries(files).map(([name, text]) => ({
    path: join(dir, name),
    chunks: [new TextEncoder().encode(text)],
  }));
  const failed = writeFilesAtomically(written);
  if (failed) return failed;
  const paths = written.map((file) => file.path);
  if (options.json) printJson({ files: paths });
  else print(`wrote ${paths.join(', ')}\ntry: unet table ${join(dir, 'net.unet')}`);
  return 0;
}
