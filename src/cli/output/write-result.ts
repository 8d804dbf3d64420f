import { join } from 'node:path';
import type { OutputFile } from '../../../codegen/backend.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { PassTimer } from '../../compiler/pass-timer.js';
import { buildPasses } from '../../compiler/passes.js';
import { bytesText } from '../../runtime/bytes-text.js';
import { writeFilesAtomically } from '../../runtime/files/write-file.js';
import type { Outcome } from '../command.js';
import { countText, print } from './output.js';
import { ProgressBar } from './progress.js';
import { printJsonResult } from './stats.js';

/** Writes the files of a network below a folder, all of them or none, and prints what it wrote. */
export function writeResult(
  network: CompiledNetwork,
  folder: string,
  files: readonly OutputFile[],
  { json, timer }: { readonly json: boolean; readonly timer?: PassTimer | undefined },
): Outcome {
  const total = files.reduce((sum, { size = 0 }) => sum + size, 0);
  const progress = new ProgressBar('writing', 'bytes');
  let written = 0;
  const placed = files.map(({ path, chunks }) => ({
    path: join(folder, path),
    chunks: counted(chunks, (bytes) => {
      written += bytes;
      progress.update(written, total);
    }),
  }));
  const write = () => writeFilesAtomically(placed);
  const failure = timer ? timer.measure(buildPasses.write, write, () => written) : write();
  progress.end();
  if (failure) return failure;
  const { parameters } = network.facts;
  const paths = placed.map(({ path }) => path);
  if (json) {
    printJsonResult({ network: network.name, files: paths, bytes: written, params: parameters }, timer);
  } else {
    print(
      `wrote ${listed(paths)}: ${network.name}, ${countText(parameters)} parameters, ${bytesText(written)}`,
    );
  }
  return 0;
}

/** The names of a few files; for many, the first one and the number of the others. */
function listed(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(' and ') : `${paths[0]} and ${paths.length - 1} files with weights`;
}

function* counted(chunks: Iterable<Uint8Array>, count: (bytes: number) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    yield chunk;
    count(chunk.length);
  }
}
