import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { type FitOptions, type InputRule, planFit } from '../../src/runtime/inference/fit.js';

const fixed = (...sizes: number[]): InputRule[] =>
  sizes.map((size, i) => ({ axis: 'DHW'.slice(-sizes.length)[i] ?? '', fixed: size }));
/** U-Net 2015 on one axis: inputs 16 b + 124 from 188 on, margin 184. */
const unet = (axis: string): InputRule => ({ axis, step: 16, offset: 12, minimum: 188 });
/** 3D U-Net 2016 on one axis: inputs 8 b + 60 from 92 on, margin 88. */
const unet3d = (axis: string): InputRule => ({ axis, step: 8, offset: 4, minimum: 92 });
const same = (axis: string): InputRule => ({ axis, step: 16, offset: 0, minimum: 16 });

function summary(rules: InputRule[], margin: number[], sizes: number[], options?: FitOptions) {
  const plan = planFit(rules, margin, sizes, options);
  return plan instanceof Failure ? plan : plan.summary;
}

describe('planFit', () => {
  test('four windows of U-Net 2015 cover twice its output', () => {
    expect(summary(fixed(572, 572), [184, 184], [776, 776])).toBe(
      'tiled: 4 windows of 572 x 572, borders mirrored by 92 pixels per side',
    );
    const plan = planFit(fixed(572, 572), [184, 184], [776, 776]);
    if (plan instanceof Failure) throw new Error(plan.message);
    expect(plan.axes[0]).toEqual({
      size: 776,
      window: 572,
      output: 388,
      before: 92,
      placements: [
        { start: 0, from: 0, to: 388 },
        { start: 388, from: 388, to: 776 },
      ],
    });
  });

  test('windows of a fixed size that overlap share the overlap', () => {
    const plan = planFit(fixed(572), [184], [512]);
    if (plan instanceof Failure) throw new Error(plan.message);
    // 388 twice over 512 leaves 264 twice covered: 124 .. 388, split at 256.
    expect(plan.axes[0]?.placements).toEqual([
      { start: 0, from: 0, to: 256 },
      { start: 124, from: 256, to: 512 },
    ]);
  });

  test('one window where the image is as large as the output', () => {
    expect(summary(fixed(572, 572), [184, 184], [388, 388])).toBe(
      'one window of 572 x 572, borders mirrored by 92 pixels per side',
    );
    expect(summary(fixed(256, 256), [0, 0], [256, 256])).toBe('one window of 256 x 256');
  });

  test('a dynamic network takes the smallest window that holds the image', () => {
    // 300 + 184 = 484; the next 16 b + 12 is 492, 8 more than needed.
    expect(summary([unet('H'), unet('W')], [184, 184], [300, 300])).toBe(
      'one window of 492 x 492, borders mirrored by up to 100 pixels per side',
    );
    expect(summary([same('H'), same('W')], [0, 0], [100, 64])).toBe(
      'one window of 112 x 64, borders mirrored by up to 12 pixels per side',
    );
    expect(summary([same('H')], [0], [1])).toBe(
      'one window of 16, borders mirrored by up to 15 pixels per side',
    );
  });

  test('a dynamic network takes the smallest window that needs no more of them', () => {
    // At most 508 -> 324, so two an axis for 512. They begin a multiple of 16 apart: 444 -> 260 reaches
    // 256 + 260 = 516, 428 -> 244 only 240 + 244.
    expect(summary([unet('H'), unet('W')], [184, 184], [512, 512])).toBe(
      'tiled: 4 windows of 444 x 444, borders mirrored by up to 96 pixels per side',
    );
  });

  test('the default window of a 3D network leaves an output of half the margin', () => {
    expect(summary([unet3d('D'), unet3d('H'), unet3d('W')], [88, 88, 88], [44, 44, 44])).toBe(
      'one window of 132 x 132 x 132, borders mirrored by 44 voxels per side',
    );
    // 132 -> 44 is the largest, and windows begin a multiple of 8 apart: 40 + 44 = 84.
    expect(summary([unet3d('D'), unet3d('H'), unet3d('W')], [88, 88, 88], [84, 44, 44])).toBe(
      'tiled: 2 windows of 132 x 132 x 132, borders mirrored by 44 voxels per side',
    );
    expect(summary([unet3d('D'), unet3d('H'), unet3d('W')], [88, 88, 88], [85, 44, 44])).toMatch(
      /^tiled: 3 windows/,
    );
  });

  test('a network without a margin overlaps by a quarter', () => {
    // 512 wide, 128 shared: starts 0 and 384 reach 896.
    expect(summary([same('W')], [0], [896])).toBe('tiled: 2 windows of 512, overlaps averaged');
    expect(summary([same('W')], [0], [897])).toMatch(/^tiled: 3 windows/);
    expect(summary([same('W')], [0], [1024], { overlap: 0 })).toBe('tiled: 2 windows of 512');
  });

  test('tileSize bounds the window', () => {
    expect(summary([same('W')], [0], [256], { tileSize: 130, overlap: 0 })).toBe('tiled: 2 windows of 128');
    expect(summary([unet('H')], [184], [50], { tileSize: 187 })).toEqual(
      failure('tile-too-small', { tile: 187, least: 188, axis: 'H' }),
    );
  });

  test('resize goes to the nearest size within the bound', () => {
    expect(summary(fixed(128, 128), [0, 0], [300, 200], { strategy: 'resize' })).toBe(
      'resized from 300 x 200 to 128 x 128 and back: one window of 128 x 128',
    );
    const text = (size: number) => summary([same('W')], [0], [size], { strategy: 'resize' });
    expect(text(103)).toBe('resized from 103 to 96 and back: one window of 96');
    expect(text(105)).toBe('resized from 105 to 112 and back: one window of 112');
    expect(text(3)).toBe('resized from 3 to 16 and back: one window of 16');
    expect(text(9000)).toBe('resized from 9000 to 512 and back: one window of 512');
    expect(text(112)).toBe('one window of 112');
  });

  test('what cannot be planned is a failure', () => {
    expect(summary(fixed(100), [184], [50])).toEqual(failure('output-empty', { axis: 'W', margin: 184 }));
    expect(summary(fixed(100), [-2], [50])).toEqual(failure('output-larger', { axis: 'W' }));
    for (const overlap of [1, Number.NaN]) {
      const found = summary(fixed(100), [0], [500], { overlap });
      expect(found).toEqual(failure('overlap-out-of-range', { overlap }));
    }
  });
});
