import { metadataKeys } from '../../compiler/metadata.js';
import { formFor } from '../../images/value-scale.js';
import { isPerImage, type Normalization } from '../../normalize/normalization.js';
import { turnedAxes } from '../../resample/orientation.js';
import type { CaseGrid } from '../cases/case-grid.js';
import { type OpenedCase, spacingOf } from '../cases/open-case.js';
import type { PredictModel } from '../model/predict-model.js';
import { fileRows } from '../rows/file-rows.js';
import { caseValues } from './case-values.js';
import { mergedStatistics, trainingStatistics } from './training-statistics.js';
import { type Unlike, unlikeTraining } from './unlike-training.js';

/**
 * In what a case is unlike the training images of its models; nothing if no model describes them. Values are compared
 * where a change of brightness changes what the network sees: not if each image is normalised by its own numbers.
 */
export async function caseUnlike(
  { files, first }: OpenedCase,
  models: readonly PredictModel[],
  { turn, spatial }: Pick<CaseGrid, 'turn' | 'spatial'>,
  replacement: number | undefined,
): Promise<readonly Unlike[]> {
  const known = models.map(({ session }) => trainingStatistics(session.metadata[metadataKeys.trainingData]));
  const training = mergedStatistics(known.filter((one) => one !== undefined));
  const [model] = models;
  if (!training || !model) return [];
  const { normalization, channels } = model;
  const stated = spacingOf(first);
  const { value } = normalization;
  const isCompared = Array.from({ length: channels }, (_, i) => !isPerImage(channelNormalization(value, i)));
  const isMeasured = training.channels.length === channels && isCompared.includes(true);
  const form = formFor(value);
  const values = isMeasured
    ? await caseValues(
        (image) => fileRows(files, { channels, image, turn, form, replacement }),
        first.layout.images,
      )
    : undefined;
  return unlikeTraining(training, {
    size: spatial,
    spacing: stated && turnedAxes(stated, turn),
    channels: values?.map((one, i) => (isCompared[i] ? one : undefined)),
  });
}

function channelNormalization(normalization: Normalization, channel: number): Normalization {
  return (normalization.kind === 'channels' ? normalization.channels[channel] : undefined) ?? normalization;
}
