import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { peersPython } from '../formats/peers-python.js';
import { freshFolder } from './folder.js';

const python = peersPython();
const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

interface MadeSet {
  readonly name: string;
  readonly rank?: 2 | 3;
  readonly labels?: Readonly<Record<string, number>> | null;
  /** Of each sample. */
  readonly images?: readonly (readonly number[])[];
  readonly classes: readonly (readonly number[])[];
}

async function inSet({ name, rank, labels }: MadeSet): Promise<Omit<MadeSet, 'name'> | string> {
  const set = await openDataSet(join(work, name), {
    ...(rank ? { rank } : {}),
    ...(labels ? { labels } : {}),
  });
  if (set instanceof Failure) return `${name}: ${set.message}`;
  const [images, classes]: [number[][], number[][]] = [[], []];
  for (const sample of set.samples) {
    const read = await readSample(sample, set);
    if (read instanceof Failure) return `${name}: ${read.message}`;
    images.push([...read.image.data]);
    classes.push([...read.classes]);
  }
  return { images, classes };
}

if (python === undefined) {
  test.skip('there is no Python with the peers: run scripts/peers.sh', () => {});
} else {
  test('sets hold the classes and the numbers that their programs wrote', async () => {
    execFileSync(python, [join(import.meta.dirname, 'peers', 'make_sets.py'), work]);
    // The script writes this file, and a wrong field fails the comparison.
    const made = JSON.parse(readFileSync(join(work, 'made.json'), 'utf8')) as Readonly<
      Record<'kinds' | 'stacks', readonly MadeSet[]>
    >;
    for (const one of [...made.kinds, ...made.stacks]) {
      const { classes, images } = one;
      const what = `${one.name}, ${one.rank ?? 'as stored'}`;
      expect(await inSet(one), what).toMatchObject(images ? { classes, images } : { classes });
    }
    expect(made.kinds.length + made.stacks.length).toBeGreaterThan(50);
  });
}
