import type { ClassMetrics, Presence } from './case-metrics.js';
import { type ClassCounts, type ConfusionMatrix, classCounts, confusionOf } from './confusion.js';
import {
  type ClassMetric,
  isDistance,
  type MetricValue,
  type OverlapMetric,
  overlapMetric,
  type SurfaceMetric,
} from './metric-names.js';
import { boundaryIou, boundaryWidths } from './surface/boundary-iou.js';
import { type Box, labelBoxes, unionOf } from './surface/class-boxes.js';
import { type ClassCrop, cropClass, type LabelMaps } from './surface/class-crop.js';
import { type SurfaceDistances, surfaceDistances } from './surface/surface-distances.js';

/** The grid of an image. */
export interface ImageGrid {
  /** Of the axes that are longer than 1, like the spacing. */
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  /** The largest distance in the image, and a little more: that between its corners. */
  readonly diagonal: number;
  /** The volume of a position. */
  readonly voxel: number;
}

/** Label maps, with what is found out about all labels at once. */
export interface Maps extends LabelMaps {
  readonly labels: number;
  readonly confusion: ConfusionMatrix;
  /** By label; made when the first class needs it. */
  boxes(): readonly (Box | undefined)[];
  readonly hasUnlabelled: boolean;
}

/** Counts the labels of two maps; labels are 0 .. labels - 1. */
export function mapsOf(
  truth: Uint16Array,
  predicted: Uint16Array,
  labels: number,
  { shape }: ImageGrid,
): Maps {
  const confusion = confusionOf(truth, predicted, labels, shape.at(-1) ?? 1);
  const labelled = confusion.reduce((sum, row) => row.reduce((total, count) => total + count, sum), 0);
  let boxes: readonly (Box | undefined)[] | undefined;
  return {
    ...{ truth, predicted, shape, labels, confusion },
    hasUnlabelled: labelled < truth.length,
    boxes: () => {
      boxes ??= labelBoxes(truth, predicted, shape, labels);
      return boxes;
    },
  };
}

/** What is measured of a class. */
export interface ClassRequest {
  readonly name: string;
  readonly background: boolean;
  readonly metrics: readonly ClassMetric[];
  readonly tolerance?: number | readonly number[] | undefined;
  readonly boundaryRatio?: number | undefined;
  /** The index of the class. */
  readonly k: number;
}

function presenceOf({ truePositives, falsePositives, falseNegatives }: ClassCounts): Presence {
  if (truePositives > 0 || (falsePositives > 0 && falseNegatives > 0)) return 'both';
  if (falseNegatives > 0) return 'truth';
  return falsePositives > 0 ? 'prediction' : 'neither';
}

/** Measures the class of all labels in `members`. */
export function measureClass(
  maps: Maps,
  members: readonly number[],
  request: ClassRequest,
  grid: ImageGrid,
): ClassMetrics {
  const { name, background, metrics } = request;
  const counts = classCounts(maps.confusion, members);
  const presence = presenceOf(counts);
  const volumes = {
    truth: grid.voxel * (counts.truePositives + counts.falseNegatives),
    prediction: grid.voxel * (counts.truePositives + counts.falsePositives),
  };
  const borders = new BorderMetrics(maps, members, request, grid, presence);
  const measured = (metric: ClassMetric): MetricValue => {
    switch (metric) {
      case 'volume_difference':
        return presence === 'neither' ? 'class-absent' : volumes.prediction - volumes.truth;
      case 'relative_volume_difference':
        if (presence === 'neither') return 'class-absent';
        return volumes.truth === 0
          ? 'class-not-in-truth'
          : (counts.falsePositives - counts.falseNegatives) / (counts.truePositives + counts.falseNegatives);
      case 'hd':
      case 'hd95':
      case 'assd':
      case 'nsd':
      case 'boundary_iou':
        return borders.measure(metric);
      default:
        return overlapMetric(metric satisfies OverlapMetric, counts);
    }
  };
  const found = metrics.map((metric) => [metric, measured(metric)] as const);
  const onlyOne = presence === 'truth' || presence === 'prediction';
  return {
    ...{ name, background, presence, counts, volumes },
    values: Object.fromEntries(
      found.map(([metric, value]) => [metric, typeof value === 'number' ? value : null]),
    ),
    reasons: Object.fromEntries(found.filter(([, value]) => typeof value !== 'number')),
    substituted: onlyOne
      ? found.flatMap(([metric, value]) => (isDistance(metric) && typeof value === 'number' ? [metric] : []))
      : [],
  };
}

/** The metrics of the borders of a class, which have their own way to deal with empty masks. */
class BorderMetrics {
  private distances: SurfaceDistances | undefined;
  private hasMeasured = false;
  private narrow: ClassCrop | undefined;

  constructor(
    readonly maps: Maps,
    readonly members: readonly number[],
    readonly request: ClassRequest,
    readonly grid: ImageGrid,
    readonly presence: Presence,
  ) {}

  measure(metric: SurfaceMetric | 'boundary_iou'): MetricValue {
    const { presence, request, grid } = this;
    if (request.background) return 'background';
    if (presence === 'neither') return 'class-absent';
    // A class that was missed, or that is not there, is as wrong as a class can be.
    if (presence !== 'both') return isDistance(metric) ? grid.diagonal : 0;
    if (grid.shape.length === 0) return 'no-border';
    if (metric === 'boundary_iou') {
      const widths = boundaryWidths(grid.shape, grid.spacing, request.boundaryRatio);
      // A mask does not end at unlabelled positions, so what lies beyond them matters.
      const crop = this.maps.hasUnlabelled ? this.crop(widths) : this.narrowCrop();
      return boundaryIou(crop, widths) ?? 'no-border';
    }
    return this.surface()?.[metric] ?? 'no-border';
  }

  private surface(): SurfaceDistances | undefined {
    if (!this.hasMeasured) {
      this.hasMeasured = true;
      const { tolerance, k } = this.request;
      const own = typeof tolerance === 'object' ? tolerance[k] : tolerance;
      this.distances = surfaceDistances(this.narrowCrop(), this.grid.spacing, own);
    }
    return this.distances;
  }

  private narrowCrop(): ClassCrop {
    this.narrow ??= this.crop(this.grid.shape.map(() => 1));
    return this.narrow;
  }

  private crop(margin: readonly number[]): ClassCrop {
    const { maps, members } = this;
    const isMember = new Uint8Array(maps.labels);
    for (const label of members) isMember[label] = 1;
    const box = unionOf(members.map((label) => maps.boxes()[label]));
    if (!box) throw new Error('a class that is present has a box');
    return cropClass(maps, isMember, box, margin);
  }
}
