import type { Tf } from '../tf.js';
import { attentionLayer } from './classes/attention-layer.js';
import { batchNormalizationLayer } from './classes/batch-normalization-layer.js';
import { convTransposeLayer } from './classes/conv-transpose-layer.js';
import { croppingLayer } from './classes/cropping-layer.js';
import { eluLayer } from './classes/elu-layer.js';
import { globalAverageLayer } from './classes/global-average-layer.js';
import { groupNormalizationLayer } from './classes/group-normalization-layer.js';
import { groupedConvLayer } from './classes/grouped-conv-layer.js';
import { interpolationLayer } from './classes/interpolation-layer.js';
import type { Layer, LayerClass } from './classes/layer-class.js';
import { layerNormalizationLayer } from './classes/layer-normalization-layer.js';
import { paddingLayer } from './classes/padding-layer.js';
import { positionsLayer } from './classes/positions-layer.js';
import { sinusoidLayer } from './classes/sinusoid-layer.js';
import { upSamplingLayer } from './classes/up-sampling-layer.js';
import type { CustomLayerConfigs, CustomLayerName } from './config.js';

/** Makes layers by name, like `tf.layers`. */
export type UnetLayers = {
  readonly [K in CustomLayerName]: (config: CustomLayerConfigs[K]) => Layer;
};

// The key is the base class, because two namespace objects of one tfjs share it.
const registered = new WeakMap<Tf['layers']['Layer'], UnetLayers>();

/**
 * Registers the layers that tfjs lacks with an instance of tfjs, so that it loads models with them. Returns their
 * factories. A second call for the same instance changes nothing and returns the same object.
 */
export function registerLayers(tf: Tf): UnetLayers {
  const known = registered.get(tf.layers.Layer);
  if (known) return known;
  const factory = <Config>(layerClass: LayerClass<Config>) => {
    tf.serialization.registerClass(layerClass);
    return (config: Config): Layer => new layerClass(config);
  };
  const made: UnetLayers = {
    cropping: factory(croppingLayer(tf)),
    padding: factory(paddingLayer(tf)),
    upSampling: factory(upSamplingLayer(tf)),
    batchNormalization: factory(batchNormalizationLayer(tf)),
    groupNormalization: factory(groupNormalizationLayer(tf)),
    layerNormalization: factory(layerNormalizationLayer(tf)),
    groupedConv: factory(groupedConvLayer(tf)),
    convTranspose: factory(convTransposeLayer(tf)),
    elu: factory(eluLayer(tf)),
    attention: factory(attentionLayer(tf)),
    positions: factory(positionsLayer(tf)),
    interpolation: factory(interpolationLayer(tf)),
    globalAverage: factory(globalAverageLayer(tf)),
    sinusoid: factory(sinusoidLayer(tf)),
  };
  registered.set(tf.layers.Layer, made);
  return made;
}
