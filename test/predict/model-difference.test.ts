import { expect, test } from 'vitest';
import { modelDifference } from '../../src/predict/model/model-difference.js';
import type { PredictModel } from '../../src/predict/model/predict-model.js';
import { modelOf } from './model.js';

const spec = 'unet Net { input = 2 x 16 x 16  classes = 3  depth = 2  channels = 2  padding = same }';

test('models whose outputs mean other things are told apart', async () => {
  const model: PredictModel = {
    ...(await modelOf(spec)),
    ...{ classNames: ['background', 'liver', 'tumour'], channelNames: ['t1', 't2'], sliceAxis: 'z' },
  };
  const changed: readonly (readonly [Partial<PredictModel>, string | undefined])[] = [
    [{}, undefined],
    [{ spacing: [1, 2] }, undefined],
    [{ classNames: undefined, channelNames: undefined, sliceAxis: undefined }, undefined],
    [{ channels: 1 }, 'channels'],
    [{ rank: 3 }, 'rank'],
    [{ head: { head: 'logits', threshold: 0, reason: undefined } }, 'head'],
    [{ outputChannels: 2 }, 'classes'],
    [{ rule: { kind: 'regions', values: [1, 2, 3] } }, 'labels'],
    [{ orientation: 'RAS' }, 'orientation'],
    [{ classNames: ['background', 'tumour', 'liver'] }, 'class-names'],
    [{ channelNames: ['t2', 't1'] }, 'channel-names'],
    [{ sliceAxis: 'x' }, 'slice-axis'],
  ];
  for (const [change, difference] of changed) {
    const other = { ...model, ...change };
    expect(modelDifference(model, other), JSON.stringify(change)).toBe(difference);
    expect(modelDifference(other, model), JSON.stringify(change)).toBe(difference);
  }
  await model.session.close();
});
