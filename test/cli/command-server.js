// Runs calls of the built `unet` one after the other in one process, which loads and compiles the code once. It is
// started by command-client.js, takes `{ number, bin, args, cwd, env }` and answers `{ number, code }` when the call is
// over. What the call writes goes to this process's own standard output and standard error, whoever writes it; a line
// with the call's number ends it on both.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const answer = process.send.bind(process);
// A command that looks for a parent to talk to has none.
process.send = undefined;
const streams = [process.stdout, process.stderr];

process.on('message', async ({ number, bin, args, cwd, env }) => {
  process.chdir(cwd);
  process.env = env;
  process.argv = [process.execPath, bin, ...args];
  process.exitCode = undefined;
  const listeners = streams.map((stream) => stream.listeners('error'));
  // The entry point runs the command when it is loaded, and has ended when it is; under another name it is loaded again.
  // Everything that it imports stays.
  await import(`${pathToFileURL(join(bin, '../../dist/cli.js'))}?call=${number}`);
  for (const [i, stream] of streams.entries()) {
    for (const listener of stream.listeners('error')) {
      if (!listeners[i].includes(listener)) stream.off('error', listener);
    }
    stream.write(`\n${number} is over\n`);
  }
  answer({ number, code: process.exitCode ?? 0 });
});
process.on('disconnect', () => process.exit());
