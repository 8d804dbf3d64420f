import { readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPairs, type PairOptions } from '../../src/data/files/pairs.js';
import { Rng } from '../../src/data/rng.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { filesBelow, freshFolder, put } from './folder.js';
import { filesOf } from './layout.js';

/** The files of each case by the layout's rules: images, then the mask or the classes' masks. */
type Layout = (name: string, number: number) => readonly string[];

const layouts: Readonly<Record<string, { readonly files: Layout; readonly options?: PairOptions }>> = {
  folders: { files: (a) => [`images/${a}.png`, `masks/${a}.png`] },
  suffixes: { files: (a) => [`images/${a}.jpg`, `labels/${a}_mask.gif`] },
  'one folder': { files: (a) => [`${a}.tif`, `${a}-labels.tif`] },
  prefixes: { files: (_, i) => [`volume-${i}.nii`, `segmentation-${i}.nii`] },
  'nnU-Net': {
    files: (a) => [`imagesTr/${a}_0000.nii.gz`, `imagesTr/${a}_0001.nii.gz`, `labelsTr/${a}.nii.gz`],
  },
  BraTS: { files: (a) => ['t1', 't2', 'flair', 'seg'].map((part) => `${a}/${a}_${part}.nii.gz`) },
  classes: { files: (a) => [`images/${a}.mha`, `masks/${a}_disc.mha`, `masks/${a}_rib.mha`] },
  'class folders': { files: (a) => [`images/${a}.mha`, `masks/disc/${a}.mha`, `masks/rib/${a}.mha`] },
  trees: { files: (a, i) => [`images/${i % 2}x/${a}.bmp`, `masks/${i % 2}x/${a}.png`] },
  'class files a case': { files: (a) => [`${a}/image.nii`, `${a}/disc.nii`, `${a}/rib.nii`] },
  BIDS: {
    files: (_, i) => [`sub-${i}/anat/sub-${i}_T1w.nii`, `derivatives/x/sub-${i}/anat/sub-${i}_dseg.nii`],
  },
  beside: { files: (a, i) => [`p${i % 2}/${a}.tif`, `p${i % 2}/${a}_mask.tif`] },
  patterns: {
    files: (a) => [`s/${a}.xx.png`, `h/${a}/drawn.png`],
    options: { images: 's/{case}.xx.png', masks: 'h/{case}/drawn.png' },
  },
};

const WORDS = ['a', 'B', 'case', 'x1', '0007', 'é', 'cell', 'ab', 't', 'z-9', 'pig', '2020'];

/** Different names, some of which begin with others. */
function namesFrom(rng: Rng, count: number): string[] {
  const pick = () => WORDS[rng.index(WORDS.length)] ?? 'a';
  const names = new Set<string>();
  while (names.size < count)
    names.add([pick(), pick(), pick()].slice(0, 1 + rng.index(3)).join(rng.index(2) === 0 ? '_' : '-'));
  return [...names];
}

const isLayoutWide = ({ code }: Failure) =>
  ['layout-ambiguous', 'names-unmatched', 'images-missing'].includes(code);

describe.each(Object.entries(layouts))('%s', (layout, { files, options }) => {
  const seeds = Array.from({ length: 25 }, (_, seed) => seed);

  /** A set of random names: its folder, and its cases' files, sorted. */
  function setOf(rng: Rng): { folder: string; cases: string[][] } {
    const folder = freshFolder();
    const cases = namesFrom(rng, 3 + rng.index(4)).map((name, i) =>
      files(name, i).map((path) => join(folder, path)),
    );
    for (const path of cases.flat()) put(path, '');
    return { folder, cases: cases.map((paths) => paths.toSorted()) };
  }

  const found = (folder: string) => {
    const result = findPairs(folder, options);
    if (result instanceof Failure) return { pairs: [], problems: [result], notes: '' };
    const pairs = result.pairs.map((pair) => filesOf(pair).map((path) => path.replace(/^\d+:/, '')));
    return { pairs, problems: result.problems, notes: result.notes.join('\n') };
  };

  test('every case is a pair', () => {
    for (const seed of seeds) {
      const { folder, cases } = setOf(new Rng(seed, `pairs/${layout}`));
      const { pairs, problems } = found(folder);
      expect({ seed, problems }).toEqual({ seed, problems: [] });
      expect(pairs.map((paths) => paths.toSorted()).sort()).toEqual(cases.sort());
    }
  });

  test('a file less, more or of another name never makes a wrong pair, and no file is in two', () => {
    for (const seed of seeds) {
      const rng = new Rng(seed, `changed/${layout}`);
      const { folder, cases } = setOf(rng);
      const all = cases.flat();
      const path = all[rng.index(all.length)] ?? '';
      const change = rng.index(4);
      if (change === 0) rmSync(path);
      if (change === 1) renameSync(path, join(dirname(path), `other${/\.[^/]*$/.exec(path)?.[0]}`));
      if (change === 2) put(join(dirname(path), 'more.png'), '');
      if (change === 3) put(path.replace(/\.[^./]+(\.gz)?$/, '.czi'), '');
      const { pairs, problems, notes } = found(folder);
      const used = pairs.flat();
      expect({ seed, twice: used.filter((one, i) => used.indexOf(one) < i) }).toEqual({ seed, twice: [] });
      for (const paths of pairs) {
        const whole = cases.find((one) => one.includes(paths[0] ?? '')) ?? [];
        // Channels may be missing: the images' headers tell.
        expect({ seed, strange: paths.filter((one) => !whole.includes(one)) }).toEqual({ seed, strange: [] });
      }
      const isListed = (one: string) =>
        problems.some((problem) => isLayoutWide(problem) || saysOf(problem, one, folder)) ||
        used.includes(one);
      // A pattern chooses, and notes name what is left out.
      const isLeft = (one: string) => {
        const [stray = ''] = /(more|other)\.\w+$/.exec(one) ?? [];
        return (
          one.endsWith('.czi') ||
          (stray !== '' && (layout === 'patterns' || notes.includes(stray.slice(0, 4))))
        );
      };
      const silent = filesBelow(folder)
        .map((one) => join(folder, one))
        .filter((one) => !isLeft(one) && !isListed(one));
      expect({ seed, change, path, silent }).toEqual({ seed, change, path, silent: [] });
    }
  });

  test('the order in which files are made does not matter', () => {
    const rng = new Rng(1, layout);
    const { folder, cases } = setOf(rng);
    const again = freshFolder();
    for (const path of cases.flat().reverse()) put(path.replace(folder, again), '');
    expect(readdirSync(again).length).toBe(readdirSync(folder).length);
    expect(found(again).pairs.map((paths) => paths.map((path) => path.replace(again, folder)))).toEqual(
      found(folder).pairs,
    );
  });
});

/** Whether a problem is about a file, its case or its folder. */
function saysOf({ args }: Failure, path: string, folder: string): boolean {
  const text = JSON.stringify(args);
  const inside = path.slice(folder.length + 1);
  const stem = inside.replace(/^.*\//, '').replace(/\.[^/]*$/, '');
  const name = 'name' in args ? String(args.name) : undefined;
  return (
    text.includes(path) ||
    text.includes(`/${stem}_`) ||
    text.includes(JSON.stringify(dirname(path))) ||
    (name !== undefined && (path.startsWith(`${name}/`) || stem.includes(name)))
  );
}
