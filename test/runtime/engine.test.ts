import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { feedsOf, imageInput, type OtherInputs, type TensorInfo } from '../../src/runtime/engine.js';
import type { Tensor } from '../../src/runtime/tensor.js';

const info = (name: string, ...shape: (number | string)[]): TensorInfo => ({ name, type: 'float32', shape });
const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const step: OtherInputs = new Map([['time', tensor(1, 1, 1, 1)]]);
const [image, time] = [info('input', 'N', 3, 'H', 'W'), info('time', 'N', 1, 1, 1)];
const message = (result: unknown) => (result instanceof Failure ? result.message : result);

describe('the input that an image feeds', () => {
  test('is the only one, or the only one that nothing else is given for, in any order', () => {
    expect(imageInput([image])).toBe(image);
    expect(imageInput([image, time], step.keys())).toBe(image);
    expect(imageInput([time, image], step.keys())).toBe(image);
  });

  test('is none where there are several, or none at all', () => {
    expect(message(imageInput([image, time]))).toBe(
      'the model has 2 inputs (input, time); one image can feed only one',
    );
    expect(message(imageInput([]))).toBe('the model has no input, so it cannot be run on an image');
  });

  test('an input that the model has not is named, with those that it has', () => {
    expect(message(imageInput([image], step.keys()))).toBe('the model has no input time; it has input');
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
    expect(message(feedsOf([image, time], tensor(1, 1, 4, 5), step))).toBe(
      "the model's input input takes N x 3 x H x W, not 1 x 1 x 4 x 5",
    );
    const volume: OtherInputs = new Map([['time', tensor(1, 1, 1, 1, 1)]]);
    expect(message(feedsOf([image, time], tensor(1, 3, 4, 5), volume))).toBe(
      "the model's input time takes N x 1 x 1 x 1, not 1 x 1 x 1 x 1 x 1",
    );
  });

  test('a model with one input takes an image alone', () => {
    const feeds = feedsOf([image], tensor(2, 3, 4, 5));
    expect(feeds instanceof Failure ? feeds.message : feeds.map((feed) => feed.tensor.shape)).toEqual([
      [2, 3, 4, 5],
    ]);
  });
});
