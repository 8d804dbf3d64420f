import { pictureOf } from '../../src/draw/from-graph.js';
import type { NestedPicture } from '../../src/draw/nested-picture.js';
import type { UPicture } from '../../src/draw/picture.js';
import type { Graph } from '../../src/ir/graph.js';

/** The picture of a network that is no grid. */
export function uPictureOf(graph: Graph): UPicture {
  const picture = pictureOf(graph);
  if (picture.kind !== 'u') throw new Error(`${graph.name} is drawn as a grid`);
  return picture;
}

/** The picture of a nested network. */
export function gridOf(graph: Graph): NestedPicture {
  const picture = pictureOf(graph);
  if (picture.kind !== 'nested') throw new Error(`${graph.name} is drawn as a U`);
  return picture;
}
