// What a worker of the loader runs. It is a file of its own in the package: see worker-script.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../runtime/failure.js';
import type { Item, MadeItem } from './item.js';
import { tryItem } from './item-maker.js';
import { bytesOf, type PreparedSample, prepareSample } from './prepared-sample.js';
import { readStored } from './stored-sample.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');
// The loader starts this file with nothing else.
const { samples, channels, labels, settings, sentBytes } = workerData as WorkerSetup;

/** Samples that went to the loader, which does not send them along yet. */
const sent = new Map<number, PreparedSample>();
/** The last sample that was decoded: items that wait may be of it. */
let newest: { readonly index: number; readonly sample: PreparedSample } | undefined;
let closing = false;

async function decode(index: number): Promise<PreparedSample | Failure> {
  const stored = samples[index];
  if (stored === undefined) throw new Error(`there is no sample ${index}`);
  return prepareSample(stored, () => readStored(stored, channels, labels), settings, true);
}

/** Whether a sample may be sent: only so much may lie in the loader's queue. */
function maySend(sample: PreparedSample): boolean {
  const bytes = [...sent.values()].reduce((sum, one) => sum + bytesOf(one), 0);
  return sent.size === 0 || bytes + bytesOf(sample) <= sentBytes;
}

/** The sample of an item, and whether it was decoded for it. */
async function sampleFor(
  item: Item,
  given: PreparedSample | undefined,
): Promise<{ sample: PreparedSample; decoded: boolean } | Failure> {
  const known = given ?? sent.get(item.sample) ?? (newest?.index === item.sample ? newest.sample : undefined);
  if (known !== undefined) return { sample: known, decoded: false };
  const sample = await decode(item.sample);
  if (sample instanceof Failure) return sample;
  newest = { index: item.sample, sample };
  return { sample, decoded: true };
}

function answer(id: number, made: MadeItem | Failure, sample: PreparedSample | undefined): void {
  const message: FromWorker =
    made instanceof Failure
      ? { id, made: undefined, failure: made.message, sample }
      : { id, made, failure: undefined, sample };
  const moved = made instanceof Failure ? [] : [made.image, made.labels, made.weights];
  // makeItem allocates them itself, and not in shared memory.
  port?.postMessage(
    message,
    moved.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function make(id: number, item: Item, given: PreparedSample | undefined): Promise<void> {
  const found = await sampleFor(item, given);
  if (found instanceof Failure) {
    answer(id, found, undefined);
    return;
  }
  const path = samples[item.sample]?.images[0] ?? found.sample.name;
  const made = tryItem(found.sample, settings, item, path);
  const sends = found.decoded && maySend(found.sample);
  if (sends) sent.set(item.sample, found.sample);
  answer(id, made, sends ? found.sample : undefined);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'make':
      if (!closing) await make(message.id, message.item, message.sample);
      break;
    case 'received':
      sent.delete(message.sample);
      break;
    case 'close':
      port?.close();
      break;
    default:
      message satisfies never;
  }
}

// One message after the other, although decoding waits for the disk.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToWorker) => {
  if (message.kind === 'close') closing = true;
  last = last.then(() => handle(message));
});
