import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { joinedRows } from '../../src/predict/labels/joined-rows.js';
import { labelsOf } from '../../src/predict/labels/labels-of.js';
import { ok } from '../data/folder.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { torchPython } from '../weights/torch-python.js';

const python = torchPython();
const random = randomNumbers(11);

/** Logits of the members of an ensemble; nnU-Net averages its members' probabilities. */
const cases = Array.from({ length: 200 }, (_, index) => {
  const channels = 1 + Math.floor(random() * 6);
  const spatial = index % 2 === 0 ? [7, 9] : [3, 5, 4];
  const shape = [channels, ...spatial];
  const count = shape.reduce((product, size) => product * size, 1);
  const members = Array.from({ length: 1 + (index % 3) }, () =>
    Float32Array.from({ length: count }, () => (random() - 0.5) * 8),
  );
  // A label may repeat, and 0 takes a label away.
  const order = Array.from(
    { length: channels },
    () => Math.floor(random() * 6) * (index % 5 === 0 ? 300 : 1),
  );
  return { shape, members, order };
});

async function labels(shape: readonly number[], members: readonly Float32Array[], order: readonly number[]) {
  const rows = members.map(async function* (data) {
    yield { from: 0, to: shape[1] ?? 0, values: { shape, data } };
  });
  for await (const one of joinedRows(rows, { scaleOf: () => 'sigmoid', withEntropies: false })) {
    if (one instanceof Failure) throw new Error(one.message);
    return [...ok(labelsOf(one.values, one.threshold, { kind: 'regions', values: order })).data];
  }
  throw new Error('there are rows');
}

describe.skipIf(python === undefined)('regions of nnU-Net (LabelManager)', () => {
  test('200 outputs of 1 to 6 regions have equal labels', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unet-regions-'));
    const sent = cases.map(({ shape, members, order }) => ({
      ...{ shape, order, logits: [...(members[0] ?? [])] },
      probabilities: Array.from(
        members[0] ?? [],
        (_, i) => members.reduce((sum, own) => sum + 1 / (1 + Math.exp(-(own[i] ?? 0))), 0) / members.length,
      ),
    }));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(sent));
    execFileSync(python ?? '', [join(import.meta.dirname, 'peers', 'regions_peers.py'), folder]);
    const answers: readonly { logits: readonly number[]; probabilities: readonly number[] }[] = JSON.parse(
      readFileSync(join(folder, 'answers.json'), 'utf8'),
    );
    rmSync(folder, { recursive: true });
    expect(answers).toHaveLength(cases.length);
    for (const [i, { shape, members, order }] of cases.entries()) {
      expect(await labels(shape, members.slice(0, 1), order)).toEqual(answers[i]?.logits);
      expect(await labels(shape, members, order)).toEqual(answers[i]?.probabilities);
    }
  });
});

if (python === undefined) {
  test.skip('there is no Python with nnU-Net: run scripts/peers-torch.sh', () => {});
}
