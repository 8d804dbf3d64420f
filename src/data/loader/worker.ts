// What a worker of the loader runs. The package contains it as a separate file: see worker-pool.ts.
import { parentPort } from 'node:worker_threads';
import { Failure } from '../../diagnostics/failure.js';
import { readSample } from '../samples/read-sample.js';
import type { WeightedPatch } from './patch.js';
import { tryPatch } from './patch-producer.js';
import type { PreparedSample } from './prepared-sample.js';
import { SampleStore } from './sample-store.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');

interface Work extends WorkerSetup {
  readonly store: SampleStore;
}

let work: Work | undefined;
let closing = false;

function workOf(setup: WorkerSetup): Work {
  const { samples, format, settings, kept } = setup;
  const read: ConstructorParameters<typeof SampleStore>[1] = (sample, parts) =>
    readSample(sample, format, parts);
  return { ...setup, store: new SampleStore(samples, read, settings, kept, true) };
}

function answer(id: number, made: WeightedPatch | Failure, prepared: PreparedSample | undefined): void {
  const message: FromWorker = { id, made: made instanceof Failure ? made.parts : made, prepared };
  const moved = made instanceof Failure ? [] : [made.image, made.labels, made.weights];
  port?.postMessage(
    message,
    // weightedPatch allocates them itself, and not in shared memory.
    moved.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function make({ id, request, prepared, parts }: ToWorker & { kind: 'make' }): Promise<void> {
  if (work === undefined) throw new Error('a worker is set up before it makes patches');
  const { store, samples, settings, kept } = work;
  const found =
    prepared === undefined ? await store.get(request.sample, parts) : { sample: prepared, isNew: false };
  if (found instanceof Failure) {
    answer(id, found, undefined);
    return;
  }
  const path = samples[request.sample]?.images[0] ?? found.sample.name;
  const sends = found.isNew && kept.has(request.sample);
  answer(id, tryPatch(found.sample, settings, request, path), sends ? found.sample : undefined);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'setup':
      work = workOf(message.setup);
      break;
    case 'make':
      if (!closing) await make(message);
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
