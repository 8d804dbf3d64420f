// What `npm start` shows: the whole way from a spec to a mask of trained weights, with the commands that go it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
mkdirSync('out', { recursive: true });

function unet(...args) {
  const shown = args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ');
  console.log(`\n$ unet ${shown}`);
  const { status } = spawnSync(process.execPath, ['bin/unet.js', ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

unet('check', 'specs/unet2d.unet', 'specs/unet3d.unet', 'specs/unet2d-padded.unet');
unet('table', 'specs/unet2d.unet');
unet('table', 'specs/unet3d.unet');
unet('draw', 'specs/unet2d.unet', '-o', 'out/unet2d.svg');
unet('build', 'specs/unet2d.unet', '--target', 'onnx', '-o', 'out/unet2d.onnx');

console.log('\nNow a small U-Net is trained on synthetic cells. This takes about a minute on two cores.');
// What an earlier start has left is made anew.
for (const folder of ['out/cells', 'out/run', 'out/new-cells'])
  rmSync(folder, { recursive: true, force: true });
unet('data', 'cells', '--out', 'out/cells', '--count', '48', '--size', '128');
unet('train', 'examples/cells.unet', '--data', 'out/cells', '-o', 'out/run');
unet('data', 'cells', '--out', 'out/new-cells', '--count', '1', '--size', '256 x 384', '--seed', '1');
unet('run', 'out/run/model.onnx', '--input', 'out/new-cells/images/cells-001.png', '-o', 'out/mask.png');

const [sample] = readdirSync('out/run/samples').sort();
console.log(`
Everything is in out/:
  out/unet2d.svg                             the U-Net of 2015 as a picture
  out/unet2d.onnx                            the same as an ONNX model, with random weights
  out/cells/                                 synthetic images of cells, and their masks
  out/run/report.md                          what was trained, and how good it is; out/run/curves.svg shows the way
  out/run/model.onnx                         the small U-Net, trained
  out/run/samples/${`${sample}`.padEnd(26)} an image that it was not trained on: the true outlines, and those it finds
  out/new-cells/images/cells-001.png         another image, of another size
  out/mask.png                               its mask
`);
