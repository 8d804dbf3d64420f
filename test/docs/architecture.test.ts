import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rooms } from '../../scripts/house.js';
import { buildPasses, passes } from '../../src/compiler/passes.js';
import { page, root } from './markdown.js';

const { text } = page('docs/architecture.md');

/** The rows of the table whose first column has this title: their cells, without the backticks of the first. */
function rowsUnder(title: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => new RegExp(`^\\| ${title} +\\|`).test(line));
  const rows = lines.slice(head + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const code = (name: string) => `\`${name}\``;

describe('the page on the architecture', () => {
  it('lists the passes that there are, in their order', () => {
    const names = [...Object.values(passes), ...Object.values(buildPasses)].map(({ name }) => code(name));
    expect(rowsUnder('pass').map(([name]) => name)).toEqual(names);
  });

  it('lists the rooms that there are, in their order', () => {
    expect(rowsUnder('room').map(([name]) => name)).toEqual(rooms.flat().map(code));
  });

  it.each(
    rowsUnder('pass').map(([name = '', , where = '']) => ({ name, where })),
  )('leads to the files of $name', ({ where }) => {
    const paths = [...where.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '');
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(existsSync(root + path), path).toBe(true);
  });
});
