import { countedText, listText } from '../../wording.js';
import { error } from '../definition.js';
import {
  type CheckpointDamage,
  type CheckpointMismatch,
  checkpointDamageText,
  checkpointMismatchText,
} from './checkpoints.js';

/** A setting that changed, as JSON text; without the texts where they are long. */
export interface ChangedSetting {
  readonly key: string;
  readonly values?: { readonly before: string; readonly now: string };
}

/** What differs between the run in a folder and the run that is to be trained: the first difference that is found. */
export type RunDifference =
  | {
      readonly part: 'spec';
      readonly change:
        | { readonly case: 'network'; readonly before: string; readonly now: string }
        | {
            readonly case: 'line';
            readonly file: string;
            readonly line: number;
            readonly before: string | undefined;
            readonly now: string | undefined;
          }
        | undefined;
    }
  | { readonly part: 'recipe'; readonly change: ChangedSetting | undefined }
  | {
      readonly part: 'data';
      readonly change:
        | { readonly case: 'count'; readonly before: number; readonly now: number }
        | { readonly case: 'content'; readonly image: string }
        | { readonly case: 'image'; readonly before: string; readonly now: string }
        | ({ readonly case: 'setting' } & ChangedSetting)
        | undefined;
    };

const parts = { spec: 'another network or spec', recipe: 'another recipe', data: 'other data' } as const;

function changeText(difference: RunDifference): string | undefined {
  const { change } = difference;
  if (change === undefined) return undefined;
  if ('key' in change) {
    return change.values
      ? `${change.key}: ${change.values.before} before, ${change.values.now} now`
      : change.key;
  }
  switch (change.case) {
    case 'network':
    case 'image':
      return `${change.before} before, ${change.now} now`;
    case 'line': {
      const quoted = (text: string | undefined) => (text === undefined ? 'nothing' : `\`${text}\``);
      return `line ${change.line} of ${change.file}: ${quoted(change.before)} before, ${quoted(change.now)} now`;
    }
    case 'count':
      return `${change.before} images before, ${change.now} now`;
    case 'content':
      return `${change.image} has other content`;
  }
}

function differencesText(differences: readonly RunDifference[]): string {
  const texts = differences.map((one) => {
    const detail = changeText(one);
    return detail === undefined ? parts[one.part] : `${parts[one.part]} (${detail})`;
  });
  return listText(texts, 'and');
}

/** How long a run trains: the settings that may grow when it continues. */
export interface RunLength {
  readonly epochs: number;
  /** Undefined if all epochs are trained. */
  readonly patience: number | undefined;
}

function lengthText({ epochs, patience }: RunLength): string {
  const counted = countedText(epochs, 'epoch');
  return patience === undefined ? counted : `${counted} and a patience of ${patience}`;
}

/** Who trains into a folder. */
export type RunOwner =
  | { readonly case: 'other-machine'; readonly pid: number; readonly host: string; readonly since: string }
  /** `isCertain`: whether the process is known to be the one that took the lock, not a later one of the same number. */
  | {
      readonly case: 'this-machine';
      readonly pid: number;
      readonly since: string;
      readonly isCertain: boolean;
    }
  | { readonly case: 'several' };

function ownerText(owner: RunOwner): string {
  switch (owner.case) {
    case 'other-machine':
      return `process ${owner.pid} on the machine ${owner.host} has trained there since ${owner.since}`;
    case 'this-machine':
      return `process ${owner.pid} has trained there since ${owner.since}`;
    case 'several':
      return 'other processes keep starting to train there';
  }
}

/** What is wrong with a file of a run. */
export type RunDamage =
  | { readonly case: 'not-json'; readonly reason: string }
  | { readonly case: 'not-an-object' | 'no-description' | 'no-hashes' | 'rows' | 'data' };

function damageText(damage: RunDamage): string {
  switch (damage.case) {
    case 'not-json':
      return damage.reason;
    case 'not-an-object':
      return 'it contains no JSON object';
    case 'no-description':
      return '`format`, `network` or `spec` is missing';
    case 'no-hashes':
      return '`format`, `hashes` or `finished` is missing or has another type';
    case 'data':
      return 'its images or its classes do not have the form that unet-lang writes';
    case 'rows':
      return 'its rows do not have the form that unet-lang writes';
  }
}

/** Run folders that a training cannot use. */
export const runCodes = {
  'run-folder-occupied': error(
    'The folder for a run contains other files.',
    (a: { folder: string }) => `${a.folder} is not empty and contains no run`,
    () => 'choose another folder',
  ),
  'run-finished': error(
    'The folder contains this run, and the run is finished.',
    (a: { folder: string; epochs: number }) => `${a.folder} contains this run, and it is finished`,
    (a) =>
      `to train on from its last state, pass more epochs and --resume, such as \`--epochs ${2 * a.epochs} --resume\` (in a ` +
      `program, \`epochs: ${2 * a.epochs}\` and \`resume: true\`); to train it again, choose another folder`,
  ),
  'run-shorter': error(
    'The folder contains this run, with fewer epochs or less patience.',
    (a: { folder: string; before: RunLength; now: RunLength }) =>
      `${a.folder} contains this run with ${lengthText(a.before)}, not with ${lengthText(a.now)}`,
    () =>
      'pass --resume (in a program, `resume: true`) to continue it from its last state, or choose another folder',
  ),
  'run-unfinished': error(
    'The folder contains an unfinished run with the same settings.',
    (a: { folder: string }) => `${a.folder} contains an unfinished run with these settings`,
    () => 'pass --resume (in a program, `resume: true`) to continue it',
  ),
  'run-different': error(
    'The folder contains a run with another spec, recipe or data.',
    (a: { folder: string; differences: readonly RunDifference[] }) =>
      `${a.folder} contains a run with ${differencesText(a.differences)}`,
    () => 'choose another folder',
  ),
  'run-in-use': error(
    'Another process trains into the folder.',
    (a: { folder: string; lock: string; owner: RunOwner }) => `${a.folder} is in use: ${ownerText(a.owner)}`,
    ({ lock, owner }) => {
      if (owner.case === 'several') return undefined;
      if (owner.case === 'other-machine') return `if that process has ended, remove ${lock}`;
      return owner.isCertain
        ? 'wait for it, or choose another folder'
        : `if that process is another program, remove ${lock}`;
    },
  ),
  'run-changed': error(
    'Another process changed the folder of a run while the training was prepared.',
    (a: { folder: string }) => `another process has just changed ${a.folder}`,
    () => 'start the training again',
  ),
  'run-missing': error('A folder contains no run.', (a: { folder: string }) => `${a.folder} contains no run`),
  'run-format': error(
    'A run was written by another version of unet-lang, in another format.',
    (a: { folder: string; format: number; known: number }) =>
      `${a.folder} contains a run of format ${a.format}, but this version of unet-lang reads format ${a.known}`,
  ),
  'run-damaged': error(
    'A file of a run is damaged.',
    (a: { path: string; damage: RunDamage }) => `${a.path} is damaged: ${damageText(a.damage)}`,
  ),
  'checkpoint-missing': error(
    'A run has no checkpoint to continue from.',
    (a: { folder: string }) =>
      `${a.folder} contains no checkpoint, so the run cannot continue from its last state`,
    (a) => `train into another folder, from its weights: \`--weights ${a.folder}/last.safetensors\``,
  ),
  'run-not-finished': error(
    'A run that is not finished has no model.',
    (a: { folder: string; weights: string | undefined }) =>
      `${a.folder} contains a run that is not finished, so it has no model yet`,
    (a) =>
      'finish it with the command that began it and --resume' +
      (a.weights === undefined ? '' : `, or run its spec with \`--weights ${a.weights}\``),
  ),
  'checkpoint-damaged': error(
    'No checkpoint of a run can be read.',
    (a: { checkpoints: readonly { readonly path: string; readonly damage: CheckpointDamage }[] }) =>
      a.checkpoints
        .map(({ path, damage }) => `${path} cannot be used: ${checkpointDamageText(damage)}`)
        .join('; '),
    () => 'choose another folder, or delete these files to start from the first step',
  ),
  'checkpoint-mismatch': error(
    'A checkpoint belongs to another run.',
    (a: { path: string; mismatch: CheckpointMismatch }) =>
      `${a.path} cannot be used: ${checkpointMismatchText(a.mismatch)}`,
  ),
} as const;
