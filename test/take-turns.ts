import { beforeEach } from 'vitest';

// A worker that computes for a minute without a turn of its event loop looks dead to its runner: each test gives one.
beforeEach(() => new Promise((resolve) => setImmediate(resolve)));
