import type { GridBox, GridEdge, GridHead, NestedPicture } from '../nested-picture.js';
import { mapSizeText } from '../picture.js';
import { fitText, fontSizes, type TextClass } from '../svg/text-metrics.js';
import type { Composed } from './legend.js';
import { Legend } from './legend.js';
import { NestedLayout } from './nested-layout.js';
import type { Point, SceneItem } from './scene.js';

/** Boxes, arrows and texts of a nested network. */
export function composeNested(picture: NestedPicture): Composed {
  return new NestedComposer(picture).composed();
}

const LINE = 15;

class NestedComposer {
  private readonly items: SceneItem[] = [];
  private readonly legend = new Legend();
  private readonly layout: NestedLayout;

  constructor(private readonly picture: NestedPicture) {
    this.layout = new NestedLayout(picture);
  }

  composed(): Composed {
    const { edges, heads, nodes, embeddings, undrawn } = this.picture;
    for (const { arrow } of edges) this.legend.addArrow(arrow);
    const inOrder = heads.toSorted((a, b) => Number(a.trainingOnly) - Number(b.trainingOnly));
    for (const { arrow, trainingOnly } of inOrder) this.legend.addArrow(arrow, trainingOnly);
    this.blocks();
    if (nodes.some((node) => node.trainingOnly)) this.legend.addTraining();
    this.legend.addEmbeddings(embeddings);
    this.legend.addUndrawn(undrawn);
    this.input();
    for (const [index, node] of nodes.entries()) this.box(node, index);
    for (const edge of edges) this.edge(edge);
    for (const head of heads) this.head(head);
    return { network: this.items, legend: this.legend };
  }

  /** The blocks in the boxes: one legend entry for all boxes of a kind with the same block. */
  private blocks(): void {
    const kinds = new Map<string, Set<string>>();
    for (const { path, block } of this.picture.nodes) {
      kinds.set(block, (kinds.get(block) ?? new Set()).add(path.stage));
    }
    for (const [block, names] of kinds) {
      if (block === '') continue;
      const name = kinds.size === 1 ? 'each box' : [...names].join(', ');
      if (kinds.size > 1 && names.size === 1 && names.has('node')) this.legend.addBlock(name, block);
      else this.legend.addMap(name, block);
    }
  }

  private text(at: Point, text: string, style: TextClass, anchor: 'start' | 'middle' | 'end'): void {
    this.items.push({ kind: 'text', at, text, style, anchor, rotated: false });
  }

  private input(): void {
    const first = this.layout.box(this.picture.nodes.findIndex(({ level, column }) => level + column === 0));
    if (!first) return;
    const y = (first.top + first.bottom) / 2;
    const { channels, spatial } = this.picture.input;
    this.line(
      [
        [first.left - 40, y],
        [first.left - 3, y],
      ],
      { family: 'plain', variant: 0 },
      true,
      'input',
    );
    this.text([first.left - 46, y - 2], 'input', 'note', 'end');
    this.text([first.left - 46, y + LINE - 2], [channels, mapSizeText(spatial)].join(' x '), 'size', 'end');
  }

  private line(
    points: readonly Point[],
    style: ReturnType<Legend['styleOf']>,
    thin: boolean,
    tip: string,
  ): void {
    this.items.push({ kind: 'line', points, style, head: true, thin, tip });
  }

  private box(node: GridBox, index: number): void {
    const bounds = this.layout.box(index);
    if (!bounds) return;
    const shape = [node.channels, mapSizeText(node.spatial)].join(' x ');
    const tip = [`${node.path}: ${shape}`, ...(node.block === '' ? [] : [node.block])].join(', ');
    const between = node.path.stage === 'node';
    const look = node.trainingOnly ? 'training' : between ? 'blocks' : 'map';
    this.items.push({ kind: 'box', bounds, look, tip });
    const x = (bounds.left + bounds.right) / 2;
    const y = (bounds.top + bounds.bottom) / 2;
    const lines = [
      [node.path.text, 'block'],
      [String(node.channels), 'channels'],
      [mapSizeText(node.spatial), 'size'],
    ] as const;
    for (const [line, [text, style]] of lines.entries()) {
      this.text([x, y + (line - 1) * LINE + fontSizes.size * 0.36], text, style, 'middle');
    }
  }

  private edge(edge: GridEdge): void {
    const points = this.layout.points(edge);
    if (!points) return;
    const tip = edge.crop === '' ? edge.arrow.label : `${edge.arrow.label}: ${edge.crop}`;
    this.line(points, this.legend.styleOf(edge.arrow), edge.arrow.family === 'copy', tip);
  }

  private head(head: GridHead): void {
    const end = this.layout.headEnd(head);
    if (!end) return;
    const { points, goesUp } = end;
    const [x, y] = points[1];
    this.line(points, this.legend.styleOf(head.arrow), head.trainingOnly, head.arrow.label);
    const name = fitText(head.output, 'note', 120);
    const shape = [head.channels, mapSizeText(head.spatial)].join(' x ');
    const anchor = goesUp ? 'middle' : 'start';
    const at = (line: number): Point =>
      goesUp ? [x, y - 6 - LINE * (1 - line)] : [x + 6, y - 2 + LINE * line];
    this.text(at(0), name, 'note', anchor);
    this.text(at(1), shape, 'size', anchor);
  }
}
