import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { version } from '../diagnostics/version.js';
import { writeNormalization } from '../normalize/normalization-json.js';
import type { CompiledNetwork } from './compile.js';

/** The keys of the metadata in a model file. */
export const metadataKeys = {
  spec: 'unet.spec',
  hash: 'unet.spec_sha256',
  network: 'unet.network',
  version: 'unet.version',
  head: 'unet.head',
  input: 'unet.input',
  spacing: 'unet.spacing',
  sizes: 'unet.sizes',
  margin: 'unet.margin',
  scale: 'unet.scale',
  normalize: 'unet.normalize',
  preprocess: 'unet.preprocess',
  trainingData: 'unet.training_data',
  sliceAxis: 'unet.slice_axis',
  channels: 'unet.channels',
  classes: 'unet.classes',
} as const;

/** What only some model files say. */
export interface MetadataExtras {
  /** The model normalises its input itself, so that it takes stored values. */
  readonly preprocess?: 'graph' | undefined;
  /** What the images were like that the network was trained on: JSON values only. */
  readonly trainingData?: object | undefined;
  /** The axis of volumes along which the slices lie that a network of two axes was trained on: x, y or z. */
  readonly sliceAxis?: string | undefined;
  /** What the files of an image's channels were called, where each channel had a file of its own. */
  readonly channelNames?: readonly string[] | undefined;
  /** The names of the classes of the training, class 0 first, where its data set says them. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * The metadata of a model file: the text of the spec and its hash, the name of the network, the version of the
 * compiler, the declared input and its `spacing` ({value, unit} for each axis), and the rules of the input sizes. The rules are JSON with an entry for each axis. `margin` is the input
 * size minus the output size. `scale` is the number of output positions for each input position: 1 if a mask covers the
 * input. `normalize` is JSON too: what is done to the stored values of an image, unless that is `none`.
 */
export function networkMetadata(
  network: CompiledNetwork,
  { preprocess, trainingData, sliceAxis, channelNames, classNames }: MetadataExtras = {},
): Readonly<Record<string, string>> {
  const { text } = network.spec.module.file;
  const { value: normalization } = network.spec.normalize;
  return {
    [metadataKeys.network]: network.name,
    [metadataKeys.version]: version,
    [metadataKeys.hash]: bytesToHex(sha256(utf8ToBytes(text))),
    [metadataKeys.head]: network.spec.head.value.kind,
    [metadataKeys.input]: JSON.stringify(network.spec.input.value.spatial),
    ...(network.spec.spacing ? { [metadataKeys.spacing]: JSON.stringify(network.spec.spacing.value) } : {}),
    [metadataKeys.sizes]: JSON.stringify(network.axes),
    [metadataKeys.margin]: JSON.stringify(network.facts.context),
    [metadataKeys.scale]: JSON.stringify(outputScale(network)),
    ...(normalization.kind === 'none' ? {} : { [metadataKeys.normalize]: writeNormalization(normalization) }),
    ...(preprocess === undefined ? {} : { [metadataKeys.preprocess]: preprocess }),
    ...(trainingData === undefined ? {} : { [metadataKeys.trainingData]: JSON.stringify(trainingData) }),
    ...(sliceAxis === undefined ? {} : { [metadataKeys.sliceAxis]: sliceAxis }),
    ...(channelNames === undefined ? {} : { [metadataKeys.channels]: JSON.stringify(channelNames) }),
    ...(classNames === undefined ? {} : { [metadataKeys.classes]: JSON.stringify(classNames) }),
    [metadataKeys.spec]: text,
  };
}

function outputScale({ graph }: CompiledNetwork): readonly number[] {
  const output = graph.nodes[graph.outputs[0]?.value ?? 0];
  return (output?.spatial ?? []).map(({ p, d }) => p / d);
}
