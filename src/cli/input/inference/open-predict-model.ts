import { Failure, failure } from '../../../diagnostics/failure.js';
import { type PredictModel, predictModel, withSamples } from '../../../predict/model/predict-model.js';
import { sampledSession } from '../../../predict/model/sampled-session.js';
import type { Engine, Session } from '../../../runtime/engine.js';
import { isSpec, openModel } from '../open-model.js';
import { openSampled } from './open-sampled.js';
import type { Finishing, PredictChoice } from './predict-options.js';

/** Opens a model, or samples of it. `index` tells it from the others. */
export async function openPredictModel(
  path: string,
  { seed: _, ...options }: PredictChoice,
  { regions, sampling }: Finishing,
  engine: Engine,
  index: number,
): Promise<PredictModel | Failure> {
  if (isSpec(path)) return failure('model-untrained', { path });
  const opened = await openModel(path, options, engine);
  if (opened instanceof Failure) return opened;
  if (!sampling) return madeOf(opened.session, path, options.head, regions);
  const dropout = await openSampled(path, options, engine);
  await opened.session.close();
  if (dropout instanceof Failure) return dropout;
  const [first, ...others] = Array.from({ length: sampling.count }, (_, i) =>
    sampledSession(dropout, sampling.seed, `${i} of model ${index}`),
  );
  if (!first) throw new Error('there are at least two samples');
  const model = await madeOf(first, path, options.head, regions);
  return model instanceof Failure ? model : withSamples(model, [first, ...others]);
}

async function madeOf(
  session: Session,
  path: string,
  head: string | undefined,
  regions: readonly number[] | undefined,
): Promise<PredictModel | Failure> {
  const model = predictModel(session, path, head, regions);
  if (model instanceof Failure) await session.close();
  return model;
}
