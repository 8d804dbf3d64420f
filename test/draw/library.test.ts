import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../src/draw/from-graph.js';
import { drawSvg } from '../../src/draw/svg.js';
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
