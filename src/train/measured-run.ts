import type { CompiledNetwork } from '../compiler/compile.js';
import { measuredText, withMeasured } from '../compiler/measured-network.js';
import type { DataSet } from '../data/data-set.js';
import { IGNORED } from '../data/labels/label-map.js';
import { readPlainSample } from '../data/samples/read-sample.js';
import type { Sample } from '../data/samples/sample.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { spanText } from '../diagnostics/span.js';
import type { DataValues } from '../normalize/data-values.js';
import { measuredNormalization } from '../normalize/measured-normalization.js';
import { isMeasured, normalizationText } from '../normalize/normalization.js';
import type { RunSettings, SpecText } from './run-folder/run-folder-settings.js';

/** A network, and the settings of its run. */
interface NetworkRun {
  readonly network: CompiledNetwork;
  readonly run: RunSettings;
}

/**
 * The network and the run with the numbers that `ct(auto)` stands for: those of the foreground of the training images,
 * which is added to `values`. Without `ct(auto)`, both stay as they are. Fails if the foreground has no values, or equal
 * ones.
 */
export async function measuredRun(
  { network, run }: NetworkRun,
  dataSet: DataSet,
  training: readonly Sample[],
  values: DataValues,
): Promise<NetworkRun | Failure> {
  const { spec } = network;
  const { value: written } = spec.normalize;
  if (!isMeasured(written)) return { network, run };
  for (const sample of training) {
    // What is in memory stays there, and is not changed.
    const read = await readPlainSample(sample, dataSet, dataSet.memory.partsOf(sample));
    if (read instanceof Failure) return read;
    values.addForeground(read.image, read.classes, IGNORED);
  }
  const measured = measuredNormalization(written, values);
  if (!measured.ok) {
    return failure('normalize-not-measurable', { network: network.name, unmeasured: measured.unmeasured });
  }
  const { normalization } = measured;
  const kept = (one: SpecText) => ({ path: one.path, text: measuredText(one, spec, normalization) });
  const [first, ...imports] = run.spec;
  return {
    network: withMeasured(network, normalization),
    run: {
      ...run,
      measured: {
        written: spanText(spec.normalize.span),
        found: normalizationText(normalization),
        spec: [kept(first), ...imports.map(kept)],
      },
    },
  };
}
