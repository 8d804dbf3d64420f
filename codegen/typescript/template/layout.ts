/** The longest line. */
export const WIDTH = 110;
/** The indentation of a block. */
export const INDENT = 2;

/** Code that is written on one line or, if that is too long, with one entry per line. */
export type CodeText = string | readonly CodeText[] | BracketedCode;

/** Entries between brackets, with commas: arguments, a list, an object. */
export interface BracketedCode {
  readonly open: string;
  readonly entries: readonly CodeText[];
  readonly close: string;
}

export function call(callee: string, args: readonly CodeText[]): CodeText {
  const [only, ...more] = args;
  // An object as the only argument keeps its braces at the brackets of the call.
  if (more.length === 0 && only !== undefined && isObject(only)) return [`${callee}(`, only, ')'];
  return { open: `${callee}(`, entries: args, close: ')' };
}

export function list(entries: readonly CodeText[]): CodeText {
  return { open: '[', entries, close: ']' };
}

export function object(entries: readonly CodeText[]): CodeText {
  return { open: '{', entries, close: '}' };
}

/** `key: value`, or only `key` if the value is the variable of that name. */
export function property(key: string, value: CodeText): CodeText {
  return value === key ? key : [`${key}: `, value];
}

/**
 * The code as text, starting at a column of an indented line; `after` is the number of characters that follow it on its
 * last line.
 */
export function written(code: CodeText, indent = 0, after = 0, column = indent): string {
  if (typeof code === 'string') return code;
  if (isEntries(code)) {
    const line = onOneLine(code);
    if (code.entries.length === 0 || (column + line.length + after <= WIDTH && !hasRows(code))) return line;
    const inner = indent + INDENT;
    const lines = code.entries.map((entry) => `${' '.repeat(inner)}${written(entry, inner, 1)},\n`);
    return `${code.open}\n${lines.join('')}${' '.repeat(indent)}${code.close}`;
  }
  let text = '';
  for (const [index, part] of code.entries()) {
    const rest = code
      .slice(index + 1)
      .map(onOneLine)
      .join('').length;
    const lineStart = text.lastIndexOf('\n') + 1;
    const at = lineStart === 0 ? column + text.length : text.length - lineStart;
    text += written(part, indent, rest + after, at);
  }
  return text;
}

export function onOneLine(code: CodeText): string {
  if (typeof code === 'string') return code;
  if (!isEntries(code)) return code.map(onOneLine).join('');
  const entries = code.entries.map(onOneLine).join(', ');
  return code.open === '{' && entries !== '' ? `{ ${entries} }` : `${code.open}${entries}${code.close}`;
}

/** Whether code is a list of lists: formatters write each of its rows on a line, even if it is short. */
function hasRows(code: CodeText): boolean {
  if (typeof code === 'string') return false;
  if (!isEntries(code)) return code.some(hasRows);
  const isRow = (entry: CodeText) => isEntries(entry) && entry.open === '[' && entry.entries.length > 1;
  const own = code.open === '[' && code.entries.length > 1 && code.entries.every(isRow);
  return own || code.entries.some(hasRows);
}

function isEntries(code: CodeText): code is BracketedCode {
  return typeof code === 'object' && 'entries' in code && !Array.isArray(code);
}

function isObject(code: CodeText): boolean {
  return isEntries(code) && code.open === '{';
}
