import type { FailureParts } from '../../diagnostics/failure.js';
import type { ValueForm } from '../../images/value-scale.js';
import type { ImageSummary } from '../../normalize/image-summary.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { InspectOptions, PairFacts } from '../files/inspect.js';
import type { FilePair } from '../files/pairs.js';
import type { IndexedLabels } from '../labels/value-index.js';
import type { Sample } from '../samples/sample.js';

/** What is read of pairs of files besides their headers. */
export interface ContentRequest {
  readonly masks: { readonly withPositions: boolean } | undefined;
  readonly images:
    | {
        /** Of the network; those of each file when left out. */
        readonly channels: number | undefined;
        readonly form: ValueForm;
        readonly isKept: boolean;
        readonly isSummarized: boolean;
      }
    | undefined;
  /** Whether the hashes of the files are wanted. */
  readonly withHashes: boolean;
}

/** What a thread reads: pairs of files, or parts of several samples, since a message costs as much time as a small file. */
export type SurveyTask =
  | {
      readonly kind: 'pairs';
      readonly pairs: readonly FilePair[];
      readonly options: InspectOptions;
      readonly contents: ContentRequest;
    }
  | { readonly kind: 'masks'; readonly samples: readonly Sample[]; readonly withPositions: boolean }
  | {
      readonly kind: 'images';
      readonly samples: readonly Sample[];
      readonly channels: number;
      readonly form: ValueForm;
      /** Whether the caller keeps each image. */
      readonly isKept: readonly boolean[];
      /** Whether the values of each image are summarised; an image that is neither kept nor summarised is only checked. */
      readonly isSummarized: boolean;
    };

export type ToSurveyThread = { readonly id: number; readonly task: SurveyTask } | 'close';

/** What is read of an image. */
export interface SurveyedImage {
  readonly image: Tensor | undefined;
  /** What a picture's numbers are divided by, where they are as stored; 1 otherwise. */
  readonly divisor: number;
  readonly summary: ImageSummary | undefined;
}

/** What is read of a sample together with the headers of its files; a part that cannot be read is left out. */
export interface SampleContents {
  readonly mask: IndexedLabels | undefined;
  readonly image: (SurveyedImage & { readonly channels: number }) | undefined;
  /** Of its files: see sampleHashes. */
  readonly hashes: readonly string[] | undefined;
}

/** What is read of a pair of files. */
export interface PairContents {
  readonly facts: PairFacts;
  /** Of each sample of the pair. */
  readonly contents: readonly SampleContents[];
}

/** What is read of a pair of files or of a sample. */
export type SurveyPart =
  | PairContents
  | readonly FailureParts[]
  | IndexedLabels
  | SurveyedImage
  | FailureParts;

export interface FromSurveyThread {
  readonly id: number;
  readonly parts: readonly SurveyPart[];
}
