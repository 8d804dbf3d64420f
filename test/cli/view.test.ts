import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { png8, useFolder } from '../view/made-files.js';
import { unet } from './unet.js';

const folder = useFolder();

test('a page is written, with its size and its notes as JSON', async () => {
  await png8(
    join(folder, 'image.png'),
    6,
    4,
    Uint8Array.from({ length: 24 }, (_, i) => i),
  );
  await png8(
    join(folder, 'mask.png'),
    6,
    4,
    Uint8Array.from({ length: 24 }, (_, i) => i % 2),
  );
  const { code, stdout, stderr } = unet(
    ['view', 'image.png', 'mask.png', '--name', '1=cell', '--title', 'A & B', '-o', 'page.html', '--json'],
    folder,
  );
  expect([code, stderr]).toEqual([0, '']);
  const html = readFileSync(join(folder, 'page.html'));
  expect(JSON.parse(stdout)).toEqual({
    ...{ output: 'page.html', kind: 'planes', size: [1, 4, 6], reduction: [1, 1, 1], bytes: html.length },
    ...{ masks: ['mask.png'], notes: [] },
  });
  expect(html.toString()).toContain('<title>A &amp; B</title>');
});

test('a mask of another size leaves no page behind', async () => {
  await png8(join(folder, 'wide.png'), 6, 4, new Uint8Array(24));
  await png8(join(folder, 'high.png'), 4, 6, new Uint8Array(24));
  const { code, stdout } = unet(['view', 'wide.png', 'high.png', '-o', 'none.html', '--json'], folder);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'view-sizes-differ', args: { size: [1, 4, 6], maskSize: [1, 6, 4] } },
  });
  expect(existsSync(join(folder, 'none.html'))).toBe(false);
});
