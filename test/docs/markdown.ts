import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page. */
export interface Fence {
  /** The first word behind the backticks: `sh`, `text`, `unet`, `ts`, `json`. */
  readonly language: string;
  /** The rest of that line: the name of the file that the block is, or empty. */
  readonly title: string;
  readonly text: string;
  /** The line of the opening backticks, from 1. */
  readonly line: number;
  /** True where only blank lines stand between this block and the one before it. */
  readonly followsPrevious: boolean;
}

export interface Page {
  /** The path from the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
}

const folders = ['', 'docs/', 'docs/decisions/'] as const;

/** The pages of the documentation; one page a diagnostic is tested with the diagnostics. */
export function pages(): readonly Page[] {
  return folders.flatMap((folder) =>
    readdirSync(root + folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => page(folder + name)),
  );
}

export function page(path: string): Page {
  const text = readFileSync(root + path, 'utf8');
  return { path, text, fences: fencesOf(text) };
}

function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = [];
  const lines = text.split('\n');
  let end = -1;
  for (let i = 0; i < lines.length; i += 1) {
    const [, language, title] = /^```(\w+)[ ]*(.*)$/.exec(lines[i] ?? '') ?? [];
    if (language === undefined) continue;
    const start = i;
    do i += 1;
    while (i < lines.length && lines[i] !== '```');
    const between = lines.slice(end + 1, start);
    fences.push({
      language,
      title: title ?? '',
      text: lines.slice(start + 1, i).join('\n'),
      line: start + 1,
      followsPrevious: end >= 0 && between.every((line) => line.trim() === ''),
    });
    end = i;
  }
  return fences;
}

/** The text of a page without its fenced blocks and code spans: where links can stand. */
export function prose({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}
