import type { GridBox } from '../nested-picture.js';
import { type FeatureMap, mapSizeText, type Picture, type PictureLevel } from '../picture.js';

/** The network in words, for people who cannot see the picture. */
export function describePicture(picture: Picture): string {
  const content = picture.kind === 'u' ? describeU(picture.levels) : describeGrid(picture.nodes);
  return [...(picture.subtitle === '' ? [] : [`${picture.subtitle}.`]), ...content].join(' ');
}

function describeU(levels: readonly PictureLevel[]): readonly string[] {
  const shapes = (maps: readonly FeatureMap[]) =>
    maps
      .map((map) => `${map.run ? `${map.run.count} x ${map.run.name} to ` : ''}${shapeText(map)}`)
      .join(', ');
  const bottom = levels.length - 1;
  const down = levels.map(({ encoder }, index) => {
    const name = index === bottom ? 'Bottleneck' : `Encoder level ${index + 1}`;
    return `${name}: ${shapes(encoder)}.`;
  });
  const up = levels
    .slice(0, bottom)
    .map(({ decoder }, index) => `Decoder level ${index + 1}: ${shapes(decoder)}.`);
  return [...down, ...up.reverse()];
}

function describeGrid(nodes: readonly GridBox[]): readonly string[] {
  return nodes.map((node) => `${node.path}: ${shapeText(node)}.`);
}

const shapeText = ({ channels, spatial }: Pick<GridBox, 'channels' | 'spatial'>) =>
  [channels, mapSizeText(spatial)].join(' x ');
