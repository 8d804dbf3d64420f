import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../src/draw/from-graph.js';
import type { Picture } from '../../src/draw/picture.js';
import { drawSvg } from '../../src/draw/svg/svg.js';
import { evaluateAffine } from '../../src/ir/affine.js';
import type { Graph } from '../../src/ir/graph.js';
import { collisions, expectClean } from './collisions.js';
import { examples, networkOf, type TestNetwork } from './networks.js';
import { randomNetwork } from './random-network.js';
import { type Drawing, readDrawing } from './svg-reader.js';

function draw(net: TestNetwork): { readonly graph: Graph; readonly drawing: Drawing } {
  const graph = networkOf(net);
  return { graph, drawing: readDrawing(drawSvg(pictureOf(graph))) };
}

/** Numbers as people see them: every stage's size is printed, and its channels are printed or in a tip. */
function expectStages(graph: Graph, { texts, boxes }: Drawing): void {
  const printed = (style: string) => texts.filter((text) => text.style === style).map(({ text }) => text);
  const sizes = new Set(printed('size'));
  const channels = new Set(printed('channels'));
  const tips = boxes.map(({ tip }) => tip).join('\n');
  for (const {
    path: { text: name },
    value,
  } of graph.stages) {
    const node = graph.nodes[value];
    const spatial = node?.spatial.map((size, axis) => evaluateAffine(size, graph.inputSize[axis] ?? 0)) ?? [];
    expect(spatial.every((size) => Number.isInteger(size) && size > 0)).toBe(true);
    // A skip is seen after its crop, and then has the size of the map it joins.
    if (!name.startsWith('skip')) expect(sizes, name).toContain(spatial.join(' x '));
    const count = String(node?.channels);
    const isJoined = name.startsWith('up[') || name.startsWith('skip[');
    if (isJoined) expect(tips, name).toMatch(new RegExp(`\\b${count}\\b`));
    else expect(channels, name).toContain(count);
  }
}

describe('drawings', () => {
  it.each(Object.entries<TestNetwork>(examples))('%s is clean and complete', (_, net) => {
    const { graph, drawing } = draw(net);
    expectClean(drawing);
    expectStages(graph, drawing);
  });

  it('stay clean for 100 random networks', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const { graph, drawing } = draw(randomNetwork(seed));
      expect({ seed, collisions: collisions(drawing) }).toEqual({ seed, collisions: [] });
      expectClean(drawing);
      expectStages(graph, drawing);
    }
  });

  it('go down on the left, along the bottom and up on the right', () => {
    const { drawing } = draw(examples.unet2d);
    const at = (path: string) => {
      const box = drawing.boxes.find(({ tip, style }) => style === 'map' && tip.startsWith(`${path}: `));
      if (!box) throw new Error(`no box ${path}`);
      return box;
    };
    const left = [1, 2, 3, 4].map((level) => at(`encoder[${level}].relu[2]`));
    const right = [4, 3, 2, 1].map((level) => at(`decoder[${level}].relu[2]`));
    const row = [...left, at('bottleneck.relu[2]'), ...right];
    const middle = row.map(({ top, bottom }) => (top + bottom) / 2);
    const x = row.map((box) => box.left);
    expect(x).toEqual(x.toSorted((a, b) => a - b));
    expect(middle.slice(0, 5)).toEqual(middle.slice(0, 5).toSorted((a, b) => a - b));
    expect(middle.slice(5).map((y) => y.toFixed(0))).toEqual(
      middle
        .slice(0, 4)
        .toReversed()
        .map((y) => y.toFixed(0)),
    );
    const heights = left.map(({ top, bottom }) => bottom - top);
    expect(heights).toEqual(heights.toSorted((a, b) => b - a));
    const widths = left.map((box) => box.right - box.left);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  });

  it('print crops and a legend of what occurs, and no more', () => {
    const texts = draw(examples.unet2d).drawing.texts.map(({ text }) => text);
    for (const crop of ['crop 88', 'crop 40', 'crop 16', 'crop 4']) expect(texts).toContain(crop);
    const notes = draw(examples.unet2d).drawing.texts.filter(({ style }) => style === 'note');
    const legend = ['conv 3x3, ReLU', 'max pool 2x2', 'up-conv 2x2', 'conv 1x1, softmax', 'copy and crop'];
    expect(notes.map(({ text }) => text).sort()).toEqual([...legend, 'input', 'output'].sort());
    expect(draw(examples.padded).drawing.texts.filter(({ text }) => text.startsWith('crop'))).toEqual([]);
  });

  it('show copies, sums and missing skips differently', () => {
    const { drawing } = draw(examples.mixedSkips);
    expect(drawing.boxes.filter(({ style }) => style === 'copied')).toHaveLength(1);
    // One join in the network and one in the legend; two copy arrows and one in the legend.
    expect(drawing.joins).toHaveLength(2);
    expect(drawing.lines.filter(({ style }) => style === 'copy')).toHaveLength(3);
  });

  it('show a gate with its signal at every attention skip', () => {
    const { drawing } = draw(examples.attention);
    // Four levels and the legend.
    expect(drawing.joins).toHaveLength(5);
    expect(drawing.lines.filter(({ style }) => style === 'signal')).toHaveLength(5);
  });

  it('keep blocks of many convs on a page by moving the rows together', () => {
    const { view } = draw(examples.long).drawing;
    expect(view.right - view.left).toBeLessThan(2000);
  });

  it('are the same bytes each time', () => {
    const once = drawSvg(pictureOf(networkOf(examples.attention)), { theme: 'dark' });
    expect(drawSvg(pictureOf(networkOf(examples.attention)), { theme: 'dark' })).toBe(once);
  });

  it('follow the theme', () => {
    const picture = pictureOf(networkOf(examples.depth1));
    const [auto, light, dark] = (['auto', 'light', 'dark'] as const).map((theme) =>
      drawSvg(picture, { theme }),
    );
    expect(auto).toContain('@media (prefers-color-scheme:dark)');
    expect(light).not.toContain('@media');
    expect(dark).not.toContain('@media');
    expect(light).not.toBe(dark);
    expect(drawSvg(picture)).toBe(auto);
  });

  it('take nothing from elsewhere', () => {
    for (const net of Object.values(examples)) {
      const svg = drawSvg(pictureOf(networkOf(net)));
      expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
        /https?:|url\(|@import|<script|href/,
      );
    }
  });

  it.each([
    ['markup', '</title><script>alert(1)</script>&"\''],
    ['an end of CDATA', ']]><!-- & -->'],
    ['control characters', 'a\u0000b\u0007c\u001bd\ufffe'],
    ['half a surrogate pair', 'x\ud800y\udc00z'],
    ['a very long name', 'W'.repeat(5000)],
    ['nothing', ''],
  ])('survive %s in the title', async (_, title) => {
    const picture: Picture = { ...pictureOf(networkOf(examples.depth1), title), title };
    const svg = drawSvg(picture);
    const drawing = readDrawing(svg);
    expect(svg).not.toContain('<script');
    expect(drawing.root.children.find(({ name }) => name === 'title')?.text).toHaveLength(title.length);
    expectClean(drawing);
    expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
  });

  it('are drawn by another SVG reader, in the colours of their families', async () => {
    const svg = drawSvg(pictureOf(networkOf(examples.unet2d)), { theme: 'light' });
    const { data, info } = await sharp(Buffer.from(svg))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { view } = readDrawing(svg);
    expect([info.width, info.height]).toEqual([
      Math.round(view.right - view.left),
      Math.round(view.bottom - view.top),
    ]);
    const seen = new Set<string>();
    for (let at = 0; at < data.length; at += info.channels)
      seen.add(data.subarray(at, at + 3).toString('hex'));
    for (const colour of ['ffffff', 'cfe1f6', '1c4f9c', '0b8a8a', 'cf2f2a', '278f3d', '8f98a3']) {
      expect(seen).toContain(colour);
    }
  });
});
