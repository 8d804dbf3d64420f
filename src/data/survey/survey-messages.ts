import type { ValueForm } from '../../images/value-scale.js';
import type { ImageSummary } from '../../normalize/image-summary.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { InspectedPair, InspectOptions } from '../files/inspect.js';
import type { FilePair } from '../files/pairs.js';
import type { IndexedLabels } from '../labels/value-index.js';
import type { SentFailure } from '../loader/worker-messages.js';
import type { Sample } from '../samples/sample.js';

/** What a thread reads: the headers of pairs of files, or parts of several samples, since a message costs as much time as a small file. */
export type SurveyTask =
  | { readonly kind: 'pairs'; readonly pairs: readonly FilePair[]; readonly options: InspectOptions }
  | { readonly kind: 'masks'; readonly samples: readonly Sample[] }
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
  readonly summary: ImageSummary | undefined;
}

/** What is read of a pair of files or of a sample. */
export type SurveyPart = InspectedPair | readonly SentFailure[] | IndexedLabels | SurveyedImage | SentFailure;

export interface FromSurveyThread {
  readonly id: number;
  readonly parts: readonly SurveyPart[];
}
