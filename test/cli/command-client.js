// A thread that keeps a command-server.js running, so that a caller can wait for its answers without an event loop: the
// caller sends `{ args, cwd, env, done }` and sleeps until `done` changes; then the outcome is at its port.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';

const { port, bin } = workerData;
let server;
let number = 0;

port.on('message', async ({ args, cwd, env, done }) => {
  server ??= start();
  number += 1;
  port.postMessage(await server.call({ number, bin, args, cwd, env }));
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});

function start() {
  const child = fork(join(import.meta.dirname, 'command-server.js'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const texts = { stdout: '', stderr: '' };
  let [answered, code, settle, ending] = [false, null, () => {}, ''];
  const look = () => {
    if (answered && Object.values(texts).every((text) => text.endsWith(ending))) end(ending.length);
  };
  const end = (cut) => {
    const [stdout, stderr] = ['stdout', 'stderr'].map((name) =>
      texts[name].slice(0, texts[name].length - cut),
    );
    Object.assign(texts, { stdout: '', stderr: '' });
    answered = false;
    settle({ code, stdout, stderr });
  };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      texts[name] += text;
      look();
    });
  }
  child.on('message', (answer) => {
    answered = true;
    code = answer.code;
    look();
  });
  // A command may end the process, as any user's does.
  child.on('close', (status) => {
    code = status;
    server = undefined;
    end(0);
  });
  return {
    call: (request) =>
      new Promise((resolve) => {
        settle = resolve;
        ending = `\n${request.number} is over\n`;
        child.send(request);
      }),
  };
}
