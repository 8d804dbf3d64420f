import { classOf, type ExportedObjects, type ObjectPlane, planesOf } from './exported-objects.js';
import { type ObjectOutline, type OutlinePolygon, outlinesOf, type Ring } from './outlines.js';

/** What QuPath makes of an object: a region that people edit, or one of many things that were found. */
export type QuPathObjectType = 'annotation' | 'detection';

type Position = readonly [number, number];
/** Closed: the first position is the last too. */
type LinearRing = readonly Position[];
/** An image plane of QuPath: slices count from 0, and -1 stands for all channels. */
interface QuPathPlane {
  readonly c: -1;
  readonly z: number;
  readonly t: 0;
}
type Geometry = (
  | { readonly type: 'Polygon'; readonly coordinates: readonly LinearRing[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly LinearRing[])[] }
) & { readonly plane?: QuPathPlane };

/** An object as QuPath imports it. */
export interface QuPathFeature {
  readonly type: 'Feature';
  readonly geometry: Geometry;
  readonly properties: {
    readonly objectType: QuPathObjectType;
    /** The number of the object. */
    readonly name: string;
    readonly classification: { readonly name: string; readonly color: readonly [number, number, number] };
  };
}

/**
 * Objects as GeoJSON features (RFC 7946), with the members that QuPath 0.4 and later read (qupath.lib.io.QuPathTypeAdapters,
 * GsonTools and ROITypeAdapters). Coordinates are pixels, with (0, 0) at the upper left corner of the upper left pixel.
 * An object of a volume is a feature for each slice that it is in.
 */
export function* qupathFeatures(
  objects: ExportedObjects,
  objectType: QuPathObjectType,
): Generator<QuPathFeature> {
  for (const plane of planesOf(objects)) {
    for (const outline of outlinesOf(plane)) {
      const { name, color } = classOf(objects, outline.object);
      yield {
        type: 'Feature',
        geometry: geometryOf(outline, plane),
        properties: { objectType, name: `${outline.object}`, classification: { name, color } },
      };
    }
  }
}

/** The same as the text of a FeatureCollection, a feature a line. */
export function* qupathGeoJson(objects: ExportedObjects, objectType: QuPathObjectType): Generator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let separator = '\n';
  for (const feature of qupathFeatures(objects, objectType)) {
    yield separator + JSON.stringify(feature);
    separator = ',\n';
  }
  yield '\n]}\n';
}

function geometryOf({ polygons }: ObjectOutline, { slice }: ObjectPlane): Geometry {
  const plane = slice === undefined ? {} : { plane: { c: -1, z: slice, t: 0 } as const };
  const [first, ...others] = polygons.map(ringsOfPolygon);
  if (first && others.length === 0) return { type: 'Polygon', coordinates: first, ...plane };
  return { type: 'MultiPolygon', coordinates: first ? [first, ...others] : [], ...plane };
}

function ringsOfPolygon({ outer, holes }: OutlinePolygon): readonly LinearRing[] {
  return [outer, ...holes].map(closed);
}

function closed(ring: Ring): LinearRing {
  const positions: Position[] = [];
  for (let i = 0; i < ring.length; i += 2) positions.push([ring[i] ?? 0, ring[i + 1] ?? 0]);
  return [...positions, ...positions.slice(0, 1)];
}
