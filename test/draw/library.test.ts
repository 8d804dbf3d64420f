import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../src/draw/from-graph.js';
import { drawSvg } from '../../src/draw/svg/svg.js';
import { fittedNetwork } from '../random/fitted.js';
import { library, libraryText, networkOf } from '../specs/spec-library.js';
import { expectClean } from './collisions.js';
import { readDrawing } from './svg-reader.js';

/** Wider than this, a picture has to be scaled down until its texts can't be read. */
const READABLE = 1600;

describe('the drawings of the networks of specs/', () => {
  it.each(library)('$network is clean, complete and no wider than a page', ({ file, network }) => {
    const { training } = networkOf(file, libraryText(file), { network });
    const picture = pictureOf(training);
    expect(picture.undrawn).toBe(0);
    const drawing = readDrawing(drawSvg(picture));
    expectClean(drawing);
    expect(drawing.view.right - drawing.view.left).toBeLessThan(READABLE);
  });
});

describe('the drawings of random networks of the language', () => {
  const seeds = Array.from({ length: 80 }, (_, index) => index + 1);

  it('are clean and complete', () => {
    let drawn = 0;
    for (const seed of seeds) {
      const fitted = fittedNetwork(seed);
      if (!fitted) continue;
      const picture = pictureOf(fitted.network.training);
      expect({ undrawn: picture.undrawn, note: fitted.note }).toEqual({ undrawn: 0, note: fitted.note });
      expectClean(readDrawing(drawSvg(picture)));
      drawn += 1;
    }
    expect(drawn).toBeGreaterThan(seeds.length / 3);
  });
});
