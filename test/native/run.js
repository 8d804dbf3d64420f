// Builds tfjs-node on TensorFlow's own library, and runs the tests that hold on every engine on it. Where it can't be
// built for want of a registry or a compiler, says so and passes.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SKIPPED = 77;
const root = join(import.meta.dirname, '../..');
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

const built = run('bash', ['test/native/build-tfjs-node.sh', ...process.argv.slice(2)]);
if (built === SKIPPED) {
  console.log('The tests of the native engine were skipped: the reason is above.');
} else if (built !== 0) {
  process.exitCode = built;
} else {
  const [folder] = process.argv.slice(2);
  if (folder) process.env.UNET_NATIVE_DIR = folder;
  process.exitCode = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'native']);
}
