// What the thread of an engine runs. The package contains it as a separate file: see threaded-engine.ts.
import { parentPort } from 'node:worker_threads';
import { Failure } from '../../diagnostics/failure.js';
import type { Session } from '../engine.js';
import type { EngineResult, EngineTask, FromEngine, ToEngine } from './engine-messages.js';
import { onnxRuntimeEngine } from './onnxruntime.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');

const engine = onnxRuntimeEngine(undefined, { sharesProcessors: true });
const sessions = new Map<number, Session>();

async function resultOf(id: number, task: EngineTask): Promise<EngineResult> {
  if (task.kind === 'load') {
    const session = await engine.load(task.model, task.options);
    if (session instanceof Failure) return failed(session);
    sessions.set(id, session);
    const { inputs, outputs, metadata } = session;
    return { kind: 'loaded', model: { inputs, outputs, metadata } };
  }
  const session = sessions.get(task.session);
  if (session === undefined) throw new Error('the session is closed');
  if (task.kind === 'close') {
    sessions.delete(task.session);
    await session.close();
    return { kind: 'closed' };
  }
  const begun = performance.now();
  const outputs = await session.run(task.input, task.others);
  if (outputs instanceof Failure) return failed(outputs);
  return { kind: 'ran', outputs, seconds: (performance.now() - begun) / 1000 };
}

function failed({ parts }: Failure): EngineResult {
  return { kind: 'failed', failure: parts };
}

async function answer(id: number, task: EngineTask): Promise<void> {
  const result = await resultOf(id, task);
  const tensors = result.kind === 'ran' ? [...result.outputs.values()] : [];
  // The session made them for this answer, and not in shared memory. Two outputs may be one array.
  const moved = [...new Set(tensors.map(({ data }) => data.buffer as ArrayBuffer))];
  port?.postMessage({ id, result } satisfies FromEngine, moved);
}

// One after the other: the engine uses all processors for each.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToEngine) => {
  last = last.then(() => (message === 'end' ? void port.close() : answer(message.id, message.task)));
});
