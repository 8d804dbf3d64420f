import { shapeText } from '../../wording.js';

type Shape = readonly number[];

/** Why a checkpoint is damaged. */
export type CheckpointDamage =
  | {
      readonly case:
        | 'empty'
        | 'no-progress'
        | 'progress-not-json'
        | 'progress-incomplete'
        | 'no-losses'
        | 'best-epoch'
        | 'metrics'
        | 'hash';
    }
  | { readonly case: 'epochs'; readonly rows: number; readonly epochs: number }
  | { readonly case: 'size'; readonly bytes: number; readonly expected: number }
  /** It cannot be read at all: what the system or the reader of weights reports. */
  | { readonly case: 'unreadable'; readonly reason: string };

export function checkpointDamageText(damage: CheckpointDamage): string {
  switch (damage.case) {
    case 'empty':
      return 'it is empty';
    case 'no-progress':
      return 'it contains weights, but no progress';
    case 'progress-not-json':
      return 'its progress is not JSON text';
    case 'progress-incomplete':
      return 'its progress lacks the epoch, the step, the settings or the metrics';
    case 'no-losses':
      return 'its progress lacks the losses of the epoch';
    case 'best-epoch':
      return 'its best epoch is not a number and a value';
    case 'metrics':
      return 'its metrics do not have the form that unet-lang writes';
    case 'hash':
      return 'its content does not match its hash';
    case 'epochs':
      return `it has metrics of ${damage.rows} epochs, but ${damage.epochs} are done`;
    case 'size':
      return `it has ${damage.bytes} bytes instead of ${damage.expected}`;
    case 'unreadable':
      return damage.reason;
  }
}

/** Why a checkpoint that is whole belongs to another run. */
export type CheckpointMismatch =
  | { readonly case: 'format'; readonly format: number; readonly known: number }
  | { readonly case: 'settings' }
  | { readonly case: 'missing-tensor' | 'extra-tensor'; readonly tensor: string; readonly more: number }
  | {
      readonly case: 'tensor-shape';
      readonly tensor: string;
      readonly shape: Shape;
      readonly wanted: Shape;
      readonly more: number;
    };

export function checkpointMismatchText(mismatch: CheckpointMismatch): string {
  switch (mismatch.case) {
    case 'format':
      return `its format is ${mismatch.format}, but this version of unet-lang reads format ${mismatch.known}`;
    case 'settings':
      return 'it was written with another spec, recipe or data';
    default:
      return tensorText(mismatch) + (mismatch.more > 0 ? ` (and ${mismatch.more} more such tensors)` : '');
  }
}

function tensorText(mismatch: Extract<CheckpointMismatch, { readonly more: number }>): string {
  switch (mismatch.case) {
    case 'missing-tensor':
      return `it lacks the tensor '${mismatch.tensor}'`;
    case 'extra-tensor':
      return `the network has no tensor '${mismatch.tensor}'`;
    case 'tensor-shape':
      return `the tensor '${mismatch.tensor}' is ${shapeText(mismatch.shape)}, not ${shapeText(mismatch.wanted)}`;
  }
}
