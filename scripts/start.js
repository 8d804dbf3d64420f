// What `npm start` shows: the whole way from a spec to a mask, with the commands that go it.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exampleImage } from './example-image.js';

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
await exampleImage('out/image.png');
console.log('\n(out/image.png is a made-up image of cells)');
unet('run', 'out/unet2d.onnx', '--input', 'out/image.png', '-o', 'out/mask.png');

console.log(`
Everything is in out/:
  out/unet2d.svg    the network as a picture
  out/unet2d.onnx   the network as an ONNX model, with random weights
  out/image.png     the image that it was run on
  out/mask.png      the mask (random weights: it means nothing yet)
`);
