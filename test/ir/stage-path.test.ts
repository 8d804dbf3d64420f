import { describe, expect, test } from 'vitest';
import { StagePath } from '../../src/ir/stage-path.js';
import { fittedNetwork } from '../random/fitted.js';
import { pathOf } from './stage-paths.js';

const conv = StagePath.of('encoder', 2).child('residual', 1).child('conv', 3);

describe('a stage path', () => {
  test('has its numbers in brackets', () => {
    expect(StagePath.of('bottleneck').text).toBe('bottleneck');
    expect(StagePath.of('encoder', 2).text).toBe('encoder[2]');
    expect(StagePath.of('encoder', 2, 0).text).toBe('encoder[2,0]');
    expect(conv.text).toBe('encoder[2].residual[1].conv[3]');
    expect(`${conv}`).toBe(conv.text);
  });

  test('knows its stage, its segments and what it is below', () => {
    expect([conv.stage, conv.level, conv.column]).toEqual(['encoder', 2, undefined]);
    expect(conv.root.text).toBe('encoder[2]');
    expect(conv.segments).toEqual([
      { name: 'residual', number: 1 },
      { name: 'conv', number: 3 },
    ]);
    expect(conv.ancestors.map(({ text }) => text)).toEqual(['encoder[2]', 'encoder[2].residual[1]']);
  });

  test('is below paths whose text is a prefix of parts, and not of letters', () => {
    expect(conv.isBelow(StagePath.of('encoder', 2))).toBe(true);
    expect(conv.isBelow(StagePath.of('encoder', 2).child('residual', 1))).toBe(true);
    expect(conv.isBelow(StagePath.of('encoder', 2).child('res', 1))).toBe(false);
    expect(conv.isBelow(StagePath.of('encoder', 2, 1))).toBe(false);
    expect(conv.isBelow(conv)).toBe(false);
  });

  test('is equal to a path with the same text', () => {
    expect(conv.equals(pathOf('encoder[2].residual[1].conv[3]'))).toBe(true);
    expect(conv.equals(StagePath.of('encoder', 2))).toBe(false);
    expect(conv.equals(undefined)).toBe(false);
  });
});

test('the paths of random networks lose nothing when they are printed', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    for (const { path } of fittedNetwork(seed)?.network.graph.nodes ?? []) {
      const read = pathOf(path.text);
      expect([read.stage, read.level, read.column, read.segments]).toEqual([
        path.stage,
        path.level,
        path.column,
        path.segments,
      ]);
    }
  }
});
