// What a worker of the loader runs. It is a file of its own in the package: see worker-script.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../diagnostics/failure.js';
import type { LabelledImage } from '../data-set.js';
import type { MadeItem, PatchRequest } from './patch.js';
import { tryItem } from './patch-producer.js';
import type { PreparedSample } from './prepared-sample.js';
import { SampleStore } from './sample-store.js';
import { readStored } from './stored-sample.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');
// The loader starts this file with nothing else.
const { samples, channels, labels, settings, kept } = workerData as WorkerSetup;

async function read(index: number): Promise<LabelledImage | Failure> {
  const stored = samples[index];
  if (stored === undefined) throw new Error(`there is no sample ${index}`);
  return readStored(stored, channels, labels);
}

const store = new SampleStore(samples, read, settings, kept, true);
let closing = false;

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

async function make(id: number, item: PatchRequest, given: PreparedSample | undefined): Promise<void> {
  const found = given === undefined ? await store.get(item.sample) : { sample: given, decoded: false };
  if (found instanceof Failure) {
    answer(id, found, undefined);
    return;
  }
  const path = samples[item.sample]?.images[0] ?? found.sample.name;
  const sends = found.decoded && kept.has(item.sample);
  answer(id, tryItem(found.sample, settings, item, path), sends ? found.sample : undefined);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'make':
      if (!closing) await make(message.id, message.item, message.sample);
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
