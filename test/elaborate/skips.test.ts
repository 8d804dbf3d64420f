import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Graph } from '../../src/ir/graph.js';
import { network } from '../language/compiled.js';

const valid = 'input = 1 x 60 x 68  classes = 2  depth = 2  channels = 4';
const graphOf = (lines: string): Graph => network(`unet Net { ${lines} }`).graph;
const pathsOf = (graph: Graph, kind: string) =>
  graph.nodes.filter((node) => node.kind === kind).map(({ path }) => path.text);
/** The paths of what an op reads. */
const readBy = (graph: Graph, path: string) => {
  const node = graph.nodes.find((one) => one.path.text === path);
  return node?.inputs.map((id) => graph.nodes[id]?.path.text);
};

describe('skip modes', () => {
  test('concat joins the cropped skip and what came up, the skip first unless written otherwise', () => {
    const parts = ['skip[1].crop[1]', 'up[1].convTranspose[1]'];
    expect(readBy(graphOf(valid), 'decoder[1].concat[1]')).toEqual(parts);
    const other = graphOf(`${valid}  skip = concat(order: up_first)`);
    expect(readBy(other, 'decoder[1].concat[1]')).toEqual(parts.toReversed());
  });

  test('add sums them', () => {
    const graph = graphOf(`${valid}  skip[1] = add`);
    expect(readBy(graph, 'decoder[1].add[1]')).toEqual(['skip[1].crop[1]', 'up[1].convTranspose[1]']);
    expect(pathsOf(graph, 'concat')).toEqual(['decoder[2].concat[1]']);
  });

  test('none leaves the decoder with what came up, and the network without the stage', () => {
    const graph = graphOf(`${valid}  skip[2] = none /* allow(skip-unused): the stage is to be gone */`);
    expect(readBy(graph, 'decoder[2].conv[1]')).toEqual(['up[2].convTranspose[1]']);
    const stages = graph.stages.map(({ path }) => path.text);
    expect(stages).toContain('skip[1]');
    expect(stages).not.toContain('skip[2]');
    expect(graph.crops.map(({ level }) => level)).toEqual([1]);
  });
});

describe('crop', () => {
  test('center takes the same from both sides', () => {
    const graph = graphOf(valid);
    // Level 2: two convs of the bottleneck, 4 positions, twice as many above: 8 in all.
    expect(graph.crops).toEqual([
      { level: 2, before: [4, 4], after: [4, 4] },
      { level: 1, before: [16, 16], after: [16, 16] },
    ]);
    expect(pathsOf(graph, 'pad')).toEqual([]);
  });

  test('pad_up pads what came up, the odd position at the end', () => {
    const graph = graphOf(
      'input = 1 x 33 x 34  classes = 2  depth = 1  padding = same  channels = 2  pool = max(3x2, stride: 2)  crop = pad_up',
    );
    const pad = graph.nodes.find(({ kind }) => kind === 'pad');
    expect(pad?.path.text).toBe('decoder[1].pad[1]');
    expect(pad?.attributes).toEqual({ mode: 'zero', before: [0, 0], after: [1, 0] });
    expect(graph.crops).toEqual([{ level: 1, before: [0, 0], after: [0, 0] }]);
  });

  test('pad_up pads a skip that is the smaller one: positions lost are negative then', () => {
    const lines = 'classes = 2  depth = 1  padding = valid  repeat = 1  kernel = 1  channels = 2';
    const graph = graphOf(`input = 1 x 32 x 32  ${lines}  up = transpose(5x4, stride: 2x2)  crop = pad_up`);
    const pad = graph.nodes.find(({ kind }) => kind === 'pad');
    expect(pad?.path.text).toBe('skip[1].pad[1]');
    expect(pad?.attributes).toEqual({ mode: 'zero', before: [1, 1], after: [2, 1] });
    expect(graph.crops).toEqual([{ level: 1, before: [-1, -1], after: [-2, -1] }]);
  });

  test('error refuses any difference', () => {
    const codes = (lines: string) =>
      compile('net.unet', `unet Net { ${lines} }`).diagnostics.map(({ code }) => code);
    expect(codes(`${valid}  crop = error`)).toContain('skip-not-equal');
    expect(codes('input = 1 x 32 x 32  classes = 2  depth = 2  padding = same  crop = error')).toEqual([]);
  });
});
