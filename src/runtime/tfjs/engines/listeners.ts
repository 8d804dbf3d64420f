/** Process events for which Emscripten's modules add a listener that rethrows. */
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

type Listener = (...args: unknown[]) => void;

function listenersOf(event: (typeof EVENTS)[number]): Listener[] {
  // The two events have different listeners; here they are only compared, added and removed.
  return process.listeners(event as 'uncaughtException') as Listener[];
}

/** Whether a listener is one of the two in Emscripten's sources. */
function rethrows(listener: Listener): boolean {
  const text = String(listener).replace(/\s+/g, '');
  return text.includes('instanceofExitStatus') || text.includes('(reason){throwreason');
}

/** Runs the start of a stock wasm module, and removes its listeners that turn rejections into crashes. */
export async function withoutRethrowers<T>(start: () => Promise<T>): Promise<T> {
  const before = EVENTS.map(listenersOf);
  try {
    return await start();
  } finally {
    for (const [i, event] of EVENTS.entries()) {
      for (const listener of listenersOf(event)) {
        if (!before[i]?.includes(listener) && rethrows(listener)) process.off(event, listener);
      }
    }
  }
}

/** Runs the end of a stock wasm module, which removes all listeners of the process, and restores them. */
export function keepingListeners(end: () => void): void {
  const before = EVENTS.map(listenersOf);
  try {
    end();
  } finally {
    for (const [i, event] of EVENTS.entries()) {
      const now = listenersOf(event);
      for (const listener of before[i] ?? []) if (!now.includes(listener)) process.on(event, listener);
    }
  }
}
