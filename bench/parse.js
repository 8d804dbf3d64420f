// From text to a checked graph, in process and warm; and how that grows with the number of nodes.
import { readFileSync } from 'node:fs';
import { compile } from '../dist/index.js';
import { median, milliseconds } from './measurement.js';

export function measure() {
  return [warm(), growth()];
}

/**
 * A fixed piece of plain JavaScript with maps, texts and sorting, as a compiler has them. It only says how quick this
 * machine and this Node are, so that the ratio can be compared elsewhere.
 */
function yardstick() {
  const counts = new Map();
  let word = 1;
  for (let i = 0; i < 10_000; i += 1) {
    word = (word * 48271) % 2147483647;
    const name = `level[${word % 997}].conv`;
    counts.set(name, (counts.get(name) ?? 0) + name.length);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => name.slice(count % 5));
}

function warm() {
  const text = readFileSync('specs/unet2d.unet', 'utf8');
  for (let i = 0; i < 100; i += 1) {
    compile('unet2d.unet', text);
    yardstick();
  }
  const compiled = [];
  const plain = [];
  for (let i = 0; i < 100; i += 1) {
    compiled.push(milliseconds(() => compile('unet2d.unet', text)));
    plain.push(milliseconds(yardstick));
  }
  const [ours, theirs] = [median(compiled), median(plain)];
  return {
    measure: 'parse',
    what: 'specs/unet2d.unet from text to checked graph, in process, warm, against a fixed loop',
    figures: { compile: ours, 'fixed loop': theirs },
    unit: 'ms',
    ratio: ours / theirs,
    bar: 'compile in 2 ms on a quick machine, in 3.5 ms on a slow one',
    holds: ours <= 3.5,
  };
}

/** The time a node must not grow with the number of nodes. */
function growth() {
  const spec = (convs) =>
    `unet Big { input = 1 x 64 x 64 classes = 2 depth = 1 channels = 4 padding = same repeat = ${convs} activation = none }`;
  const perNode = (convs) => {
    const text = spec(convs);
    compile('big.unet', text);
    let nodes = 0;
    const times = Array.from({ length: 7 }, () =>
      milliseconds(() => {
        nodes = compile('big.unet', text).networks[0].graph.nodes.length;
      }),
    );
    return { nodes, time: (1000 * median(times)) / nodes };
  };
  const small = perNode(400);
  const large = perNode(3330);
  return {
    measure: 'growth',
    what: 'time a node in a large network, against a small one',
    figures: { [`of ${large.nodes} nodes`]: large.time, [`of ${small.nodes} nodes`]: small.time },
    unit: 'µs a node',
    ratio: large.time / small.time,
    bar: '1.5x, where linear is 1x',
    holds: large.time / small.time <= 1.5,
  };
}
