import type { ImageFile } from '../../images/image-file.js';
import { newSizes, separateAxis } from '../../resample/grid.js';
import { isNoTurn, noTurn, type Turn, turnBetween, turnedAxes } from '../../resample/orientation.js';
import type { PredictModel } from '../model/predict-model.js';
import { namesNoUnit, spacingOf } from './open-case.js';

/** Distances that differ by less than this part are equal. */
const EQUAL = 0.01;

/** The grid of a file's images, and the grid on which a network sees them. */
export interface CaseGrid {
  /** From the file's axes to those of the images that the network was trained on. */
  readonly turn: Turn;
  /** (...spatial) of an image after the turn. */
  readonly spatial: readonly number[];
  /** The sizes at the spacing of the network: `spatial` where nothing is resampled. */
  readonly network: readonly number[];
  /** The axis that is interpolated on its own: see separateAxis. */
  readonly separate: number | undefined;
  /** Sentences on what is done. */
  readonly notes: readonly string[];
}

/**
 * The grids of an image. A volume is turned if its orientation and that of the training images are known and differ. It is
 * resampled if the network has a `spacing`, the file has one too, and they differ.
 */
export function caseGrid(file: ImageFile, { rank, orientation, spacing }: PredictModel): CaseGrid {
  const { layout, header } = file;
  const own = header.geometry?.orientation;
  const isVolume = layout.axes.join() === 'z,y,x';
  const turn =
    (own && orientation && isVolume && turnBetween(own, orientation)) || noTurn(layout.axes.length);
  const spatial = turnedAxes(layout.spatial, turn);
  const notes = isNoTurn(turn) ? [] : [`the network sees it turned from ${own} to ${orientation}`];
  const stored = spacingOf(file);
  const current = stored && turnedAxes(stored, turn);
  if (!spacing) return { turn, spatial, network: spatial, separate: undefined, notes };
  const text = (lengths: readonly number[]) => lengths.map((one) => Number(one.toPrecision(4))).join(' x ');
  if (!current) {
    const missing = `it does not state its spacing, so it is taken for that of the network, ${text(spacing)} mm`;
    return { turn, spatial, network: spatial, separate: undefined, notes: [...notes, missing] };
  }
  const isEqual = current.every((one, i) => Math.abs(one / (spacing[i] ?? 1) - 1) < EQUAL);
  if (isEqual) return { turn, spatial, network: spatial, separate: undefined, notes };
  if (namesNoUnit(file)) notes.push('it names no unit of its spacing, which is taken for mm');
  const network = newSizes(spatial, current, spacing).map((size) => Math.max(1, size));
  return {
    ...{ turn, spatial, network },
    separate: rank === 3 ? separateAxis(current, spacing) : undefined,
    notes: [...notes, `resampled from ${text(current)} mm to ${text(spacing)} mm for the network, and back`],
  };
}
