import type { ISerializedGast } from 'chevrotain';
import railroad, { type DiagramElement } from 'railroad-diagrams';
import { unetParser } from '../parse/parser.js';
import * as t from '../parse/tokens.js';
import { ruleNotes } from './rule-notes.js';

/** The fields of a serialized Chevrotain production that are drawn. */
interface Production {
  readonly type: string;
  readonly name?: string;
  readonly nonTerminalName?: string;
  readonly label?: string;
  readonly separator?: Production;
  readonly definition?: readonly Production[];
}

/** Sorts the rules: `declaration` first, then each rule in the order of its first use. */
function inReadingOrder<R extends Production>(rules: readonly R[]): readonly R[] {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const ordered = new Set<R>();
  const visit = (production: Production): void => {
    const rule = byName.get(
      production.type === 'NonTerminal' ? (production.nonTerminalName ?? production.name) : undefined,
    );
    if (rule && !ordered.has(rule)) {
      ordered.add(rule);
      rule.definition?.forEach(visit);
    }
    production.definition?.forEach(visit);
  };
  visit({ type: 'NonTerminal', name: 'declaration' });
  return [...ordered, ...rules.filter((rule) => !ordered.has(rule))];
}

/** The grammar as one HTML page without other files: a railroad diagram for each rule, with links between them. */
export function grammarPage(): string {
  // ISerializedGast is the common part of all productions; the type of a production decides its other fields.
  const rules = inReadingOrder(
    unetParser().getSerializedGastProductions() as readonly (ISerializedGast & Production)[],
  );
  const sections = rules.map((rule) => section(rule, rules));
  const links = rules.map(({ name = '' }) => `<a href="#${name}">${words(name)}</a>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The grammar of unet-lang</title>
<style>
${style}</style>
</head>
<body>
<h1>The grammar of unet-lang</h1>
<p>This page is generated from the parser. Read a diagram from left to right along its lines. Write the text of a
round box literally. A square box is a rule, and links to its diagram. White space and comments can separate any two
words or signs.</p>
<nav>
${links.join('\n')}
<a href="#words">words and signs</a>
</nav>
${sections.join('\n')}
${lexicalSection()}
</body>
</html>
`;
}

function section(rule: Production, rules: readonly Production[]): string {
  const { name = '', definition = [] } = rule;
  const users = rules.filter((other) => other.name !== name && uses(other, name));
  const usedBy = users.map((other) => `<a href="#${other.name}">${words(other.name ?? '')}</a>`).join(', ');
  const svg = String(railroad.Diagram(sequence(definition)));
  return `<section id="${name}">
<h2>${words(name)}</h2>
<p>${prose(ruleNotes[name] ?? '')}</p>
<div class="diagram">
${svg.replace('<svg ', `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${words(name)}" `)}</div>
${usedBy === '' ? '' : `<p class="users">Used by ${usedBy}</p>\n`}</section>`;
}

function uses(production: Production, name: string): boolean {
  if (production.type === 'NonTerminal' && production.name === name) return true;
  return production.definition?.some((part) => uses(part, name)) ?? false;
}

function sequence(parts: readonly Production[]): DiagramElement {
  const [first] = parts;
  return parts.length === 1 && first ? element(first) : railroad.Sequence(...parts.map(element));
}

function element(production: Production): DiagramElement {
  const { type, name = '', definition = [] } = production;
  switch (type) {
    case 'NonTerminal':
      return new Link(railroad.NonTerminal(words(name)), name);
    case 'Terminal':
      return terminal(production);
    case 'Alternative':
      return sequence(definition);
    case 'Alternation':
      return railroad.Choice(0, ...definition.map(element));
    case 'Option':
      return railroad.Optional(sequence(definition));
    case 'Repetition':
      return railroad.ZeroOrMore(sequence(definition));
    case 'RepetitionMandatory':
      return railroad.OneOrMore(sequence(definition));
    case 'RepetitionWithSeparator':
      return railroad.ZeroOrMore(sequence(definition), separatorOf(production));
    case 'RepetitionMandatoryWithSeparator':
      return railroad.OneOrMore(sequence(definition), separatorOf(production));
    default:
      throw new Error(`no drawing for a production of type ${type}`);
  }
}

function separatorOf({ separator }: Production): DiagramElement {
  return separator ? terminal(separator) : railroad.Skip();
}

/** A token with a fixed text as a box; `a name`, `a number` and `a string` as links. */
function terminal({ name = '', label = name }: Production): DiagramElement {
  const fixed = /^`(.+)`$/.exec(label)?.[1];
  if (fixed !== undefined) return railroad.Terminal(fixed);
  return new Link(railroad.NonTerminal(label.replace(/^an? /, '')), `token-${name}`);
}

/** A box with a link to another part of the page. */
class Link implements DiagramElement {
  readonly needsSpace = true;

  constructor(
    private readonly box: DiagramElement,
    private readonly anchor: string,
  ) {}

  get width(): number {
    return this.box.width;
  }

  get up(): number {
    return this.box.up;
  }

  get down(): number {
    return this.box.down;
  }

  format(x: number, y: number, width: number): this {
    this.box.format(x, y, width);
    return this;
  }

  addTo(parent: { children: unknown[] }): this {
    parent.children.push(this);
    return this;
  }

  toString(): string {
    return `<a href="#${this.anchor}">${this.box}</a>`;
  }
}

/** The section about tokens whose text varies. */
function lexicalSection(): string {
  const kinds: readonly (readonly [string, string, string])[] = [
    [
      'Identifier',
      'name',
      'English letters, digits and `_`, not beginning with a digit. `UNet2D`, `max_pool`',
    ],
    [
      'NumberLiteral',
      'number',
      'Digits, with `_` between them if you like, then optionally a fraction, an exponent, and a unit `um`, `mm` or `px`. `31_030_658`, `1e-3`, `1.76um`',
    ],
    [
      'StringLiteral',
      'string',
      'Text in double quotes on one line, with `\\"` and `\\\\` for a quote and a backslash. `"./unet2d.unet"`',
    ],
    ['LineComment', 'comment', '`//` to the end of the line, or `/*` to the next `*/`.'],
  ];
  const rows = kinds.map(
    ([token, name, note]) => `<dt id="token-${token}">${name}</dt>\n<dd>${prose(note)}</dd>`,
  );
  const keywords = t.allTokens
    .filter((token) => token.CATEGORIES?.includes(t.IdentifierToken))
    .map((token) => `<code>${/^`(.+)`$/.exec(token.LABEL ?? '')?.[1] ?? ''}</code>`);
  return `<section id="words">
<h2>words and signs</h2>
<dl>
${rows.join('\n')}
<dt>keyword</dt>
<dd>${keywords.join(', ')}</dd>
</dl>
</section>`;
}

/** The name of a rule as words: `unet declaration` for `unetDeclaration`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Converts text with `code` in backticks to HTML. */
function prose(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>');
}

const style = `:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1c2024; --quiet: #5b6470; --link: #0b5cad; --line: #59636e;
  --word: #e3f2e1; --rule: #e6eefb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #15191e; --text: #e4e8ec; --quiet: #98a3af; --link: #7db8ff; --line: #98a3af;
    --word: #1f3a26; --rule: #1d2f4a;
  }
}
body {
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.7rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0; }
p { margin: 0.3rem 0; }
a { color: var(--link); }
code { font: 0.9em ui-monospace, monospace; background: var(--rule); padding: 0 0.25em; border-radius: 3px; }
nav { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; margin: 1rem 0; }
dt { font-weight: 600; margin-top: 0.6rem; }
dd { margin: 0; }
.users { color: var(--quiet); font-size: 0.85rem; }
.diagram { overflow-x: auto; }
.diagram svg { display: block; }
.diagram path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.diagram rect { fill: var(--word); stroke: var(--line); stroke-width: 1.5; }
.diagram a rect { fill: var(--rule); }
.diagram text { fill: var(--text); font: 13px ui-monospace, monospace; text-anchor: middle; }
.diagram a text { fill: var(--link); }
`;
