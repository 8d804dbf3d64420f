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
      /** Whether the caller keeps each image; otherwise it is only checked. */
      readonly isKept: readonly boolean[];
    };

export type ToSurveyThread = { readonly id: number; readonly task: SurveyTask } | 'close';

/** What is read of a pair or a sample: nothing of an image that is only checked. */
export type SurveyPart =
  | InspectedPair
  | readonly SentFailure[]
  | IndexedLabels
  | Tensor
  | SentFailure
  | undefined;

export interface FromSurveyThread {
  readonly id: number;
  readonly parts: readonly SurveyPart[];
}
