// `unet check` as a whole process, against a Node that does nothing.
import { spawnSync } from 'node:child_process';
import { median, milliseconds } from './measurement.js';

/** Node 20 keeps no compiled code between runs. */
const most = process.versions.node.startsWith('20.') ? 2.2 : 1.8;

export function measure() {
  const run = (args) => milliseconds(() => spawnSync(process.execPath, args, { stdio: 'ignore' }));
  const empty = [];
  const check = [];
  run(['bin/unet.js', 'check', 'specs/unet2d.unet']);
  // In turns, so that both see the same machine.
  for (let i = 0; i < 15; i += 1) {
    empty.push(run(['-e', '0']));
    check.push(run(['bin/unet.js', 'check', 'specs/unet2d.unet']));
  }
  const [ours, theirs] = [median(check), median(empty)];
  return [
    {
      measure: 'check',
      what: 'unet check specs/unet2d.unet, whole process, against node -e 0',
      figures: { 'unet check': ours, 'node -e 0': theirs },
      unit: 'ms',
      ratio: ours / theirs,
      bar: `${most}x`,
      holds: ours / theirs <= most,
    },
  ];
}
