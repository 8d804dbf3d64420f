import type { Parameter } from '../../../src/ir/parameter.js';
import type { StagePath } from '../../../src/ir/stage-path.js';
import { type CustomLayerConfigs, type CustomLayerName, customClassNames } from '../layers/config.js';
import { type StockLayerConfigs, type StockLayerName, stockClassNames } from './stock-layers.js';

/** A weight of a layer, and how to compute it from a parameter's values. */
export interface LayerWeight {
  /** Its name in the layer: `kernel`, `moving_mean`. */
  readonly name: string;
  readonly parameter: Parameter;
  /** The shape that the parameter's row-major values are viewed in... */
  readonly reshape: readonly number[];
  /** ...and the axis of it for each axis of the weight. */
  readonly permutation: readonly number[];
}

/** What an extra layer does for a node, beside the layer with the node's weights. */
export type LayerPart = 'pad' | 'crop';

interface CallBase {
  /** Unique in the model: the layer name of the node's path, followed by `.pad` or `.crop` for an extra layer. */
  readonly name: string;
  readonly part?: LayerPart;
  /** The names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
  /** The weights, in the order of the layer. */
  readonly weights: readonly LayerWeight[];
}

type StockCallOf<K extends StockLayerName> = CallBase & {
  readonly source: 'tfjs';
  readonly layer: K;
  readonly config: StockLayerConfigs[K];
};

type CustomCallOf<K extends CustomLayerName> = CallBase & {
  readonly source: 'unet';
  readonly layer: K;
  readonly config: CustomLayerConfigs[K];
};

export type StockCall = { [K in StockLayerName]: StockCallOf<K> }[StockLayerName];
export type CustomCall = { [K in CustomLayerName]: CustomCallOf<K> }[CustomLayerName];

/**
 * One layer of the model, applied to others. `model.json` and the TypeScript module are both written from these calls.
 */
export type LayerCall = StockCall | CustomCall;

/**
 * A stage path as the name of a tfjs layer, whose weights' names allow no brackets: `encoder[2].conv[1]` is
 * `encoder_2.conv_1`. Different paths have different names: every segment is a name and a number.
 */
export function layerName({ stage, level, column, segments }: StagePath): string {
  const root = [stage, level, column].filter((part) => part !== undefined).join('_');
  return [root, ...segments.map(({ name, number }) => `${name}_${number}`)].join('.');
}

/** The class of a layer in model files. */
export function classNameOf(call: LayerCall): string {
  return call.source === 'tfjs' ? stockClassNames[call.layer] : customClassNames[call.layer];
}
