import { describe, expect, it } from 'vitest';
import { matches, refreshed } from './transcript.js';

describe('a page shows an output', () => {
  it.each([
    { shown: 'a\nb', output: 'a\nb\n', same: true },
    { shown: 'a\nb', output: 'a\nc\n', same: false },
    { shown: 'a', output: 'a\nb\n', same: false },
    { shown: 'a\nb', output: 'a\n', same: false },
    { shown: 'a\n...\nd', output: 'a\nb\nc\nd\n', same: true },
    { shown: 'a\n...\nd', output: 'a\nd\n', same: true },
    { shown: 'a\n...\nd', output: 'a\nb\nd\ne\n', same: false },
    { shown: 'a\n...', output: 'a\nb\n', same: true },
    { shown: '...\nb\n...\nd', output: 'a\nb\nc\nd', same: true },
    { shown: '...\nc\n...\nb', output: 'a\nb\nc\nd', same: false },
    { shown: 'wrote x in 1.5 s', output: 'wrote x in 0.25 s\n', same: true },
    { shown: 'wrote x in 1.5 s', output: 'wrote y in 1.5 s\n', same: false },
    { shown: '"run": 1', output: '"run": 2.5', same: true },
    { shown: 'lower  1 file    9.99 ms', output: 'lower  1 file  123.45 ms\n', same: true },
    { shown: 'lower  1 file    9.99 ms', output: 'lower  2 files    9.99 ms\n', same: false },
    { shown: 'Dice 0.9000 in epoch 2', output: 'Dice 0.9001 in epoch 2\n', same: true },
    { shown: 'Dice 0.9000 in epoch 2', output: 'Dice 0.9000 in epoch 3\n', same: false },
  ])('$shown for $output: $same', ({ shown, output, same }) => {
    expect(matches(shown, output)).toBe(same);
  });

  it('and can be brought up to date, as long as at most one part is left out', () => {
    expect(refreshed('old', 'a\nb\n')).toBe('a\nb');
    expect(refreshed('x\n...\ny\nz', 'a\nb\nc\nd\ne\n')).toBe('a\n...\nd\ne');
    expect(refreshed('x\n...\ny\n...', 'a\nb\n')).toBeUndefined();
    expect(refreshed('x\n...\ny', 'a\n')).toBeUndefined();
  });
});
