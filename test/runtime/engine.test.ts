import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { feedsOf, imageInput, type OtherInputs, type TensorInfo } from '../../src/runtime/engine.js';
import type { Tensor } from '../../src/runtime/tensor.js';

const info = (name: string, ...shape: (number | string)[]): TensorInfo => ({ name, type: 'float32', shape });
const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const step: OtherInputs = new Map([['time', tensor(1, 1, 1, 1)]]);
const [image, time] = [info('input', 'N', 3, 'H', 'W'), info('time', 'N', 1, 1, 1)];

describe('the input that an image feeds', () => {
  test('is the only one, or the only one that nothing else is given for, in any order', () => {
    expect(imageInput([image])).toBe(image);
    expect(imageInput([image, time], step.keys())).toBe(image);
    expect(imageInput([time, image], step.keys())).toBe(image);
  });

  test('is none where there are several, or none at all', () => {
    const several = { case: 'several', inputs: ['input', 'time'] } as const;
    expect(imageInput([image, time])).toEqual(failure('model-inputs', { problem: several }));
    expect(imageInput([])).toEqual(failure('model-inputs', { problem: { case: 'none' } }));
  });

  test('an input that the model has not is named, with those that it has', () => {
    const problem = { case: 'unknown', unknown: ['time'], inputs: ['input'] } as const;
    expect(imageInput([image], step.keys())).toEqual(failure('model-inputs', { problem }));
  });
});

describe('what a model is fed', () => {
  test('stands in the order of the model', () => {
    const picture = tensor(1, 3, 4, 5);
    for (const inputs of [
      [image, time],
      [time, image],
    ]) {
      const feeds = feedsOf(inputs, picture, step);
      if (feeds instanceof Failure) throw new Error(feeds.message);
      expect(feeds.map((feed) => feed.info)).toEqual(inputs);
      expect(Object.fromEntries(feeds.map((feed) => [feed.info.name, feed.tensor]))).toEqual({
        input: picture,
        time: step.get('time'),
      });
    }
  });

  test('each has the shape that its input asks for', () => {
    expect(feedsOf([image, time], tensor(1, 1, 4, 5), step)).toEqual(
      failure('input-shape-mismatch', { input: 'input', wanted: ['N', 3, 'H', 'W'], shape: [1, 1, 4, 5] }),
    );
    const volume: OtherInputs = new Map([['time', tensor(1, 1, 1, 1, 1)]]);
    expect(feedsOf([image, time], tensor(1, 3, 4, 5), volume)).toEqual(
      failure('input-shape-mismatch', { input: 'time', wanted: ['N', 1, 1, 1], shape: [1, 1, 1, 1, 1] }),
    );
  });

  test('a model with one input takes an image alone', () => {
    const feeds = feedsOf([image], tensor(2, 3, 4, 5));
    expect(feeds instanceof Failure ? feeds.message : feeds.map((feed) => feed.tensor.shape)).toEqual([
      [2, 3, 4, 5],
    ]);
  });
});
