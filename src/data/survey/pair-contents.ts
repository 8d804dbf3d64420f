import { Failure } from '../../diagnostics/failure.js';
import { OpenedFiles } from '../../formats/file-reader.js';
import { type InspectOptions, inspectedPair, inspectPair } from '../files/inspect.js';
import type { FilePair } from '../files/pairs.js';
import type { IndexedLabels } from '../labels/value-index.js';
import { fileHashes } from '../samples/content-hash.js';
import { samplesOf } from '../samples/samples-of-pair.js';
import { indexedMask, surveyedImage } from './sample-contents.js';
import type { ContentRequest, PairContents, SampleContents } from './survey-messages.js';

/**
 * Reads the headers of a pair, and then what is wanted of its samples. Fails where the headers do not fit; what cannot be
 * read of a sample is left out, for a second reader that reports it.
 */
export function readPair(
  pair: FilePair,
  options: InspectOptions,
  request: ContentRequest,
): Promise<PairContents | readonly Failure[]> {
  return OpenedFiles.during((files) => readFrom(files, pair, options, request));
}

async function readFrom(
  files: OpenedFiles,
  pair: FilePair,
  options: InspectOptions,
  { masks, images, withHashes }: ContentRequest,
): Promise<PairContents | readonly Failure[]> {
  const facts = await inspectPair(pair, options, files);
  if (!('spatial' in facts)) return facts;
  const samples = samplesOf(inspectedPair(pair, facts, facts.instances));
  // All masks before the images: the samples of one file follow each other, so that it is decoded once.
  const read: (IndexedLabels | undefined)[] = [];
  for (const sample of masks ? samples : []) {
    const mask = await indexedMask(sample, masks?.withPositions ?? false, files);
    read.push(mask instanceof Failure ? undefined : mask);
  }
  const known = new Map<string, string>();
  const contents: SampleContents[] = [];
  for (const [i, sample] of samples.entries()) {
    const mask = read[i];
    const own = withHashes ? fileHashes(sample, known) : undefined;
    const hashes = own instanceof Failure ? undefined : own;
    if (images === undefined) {
      contents.push({ mask, image: undefined, hashes });
      continue;
    }
    const channels = images.channels ?? facts.channels ?? (facts.hasColours ? 3 : 1);
    const image = await surveyedImage(sample, { ...images, channels }, files);
    contents.push({ mask, image: image instanceof Failure ? undefined : { ...image, channels }, hashes });
  }
  return { facts, contents };
}
