import type { Fix, Location, Log, PhysicalLocation, Region, ReportingDescriptor, Result } from 'sarif';
import { type Code, codes } from '../codes.js';
import type { Fix as CompilerFix, Diagnostic } from '../diagnostic.js';
import type { Span } from '../span.js';
import { version } from '../version.js';

export interface SarifOptions {
  /** The URL of the codes' pages, with a slash at its end. By default `docs/diagnostics/`. */
  readonly docs?: string;
}

/**
 * Renders diagnostics as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"), as a value for JSON. The
 * codes that occur are its rules, notes are related locations, and fixes are replacements. Lines and columns start at 1;
 * columns count UTF-16 code units, and the end is exclusive.
 */
export function sarifLog(diagnostics: readonly Diagnostic[], options: SarifOptions = {}): Log {
  const used = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))];
  const { docs = 'docs/diagnostics/' } = options;
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'unet-lang',
            version,
            rules: used.map((code) => ruleOf(code, diagnostics, docs)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, used.indexOf(diagnostic.code))),
      },
    ],
  };
}

/** The text of the log. */
export function renderSarif(diagnostics: readonly Diagnostic[], options: SarifOptions = {}): string {
  return JSON.stringify(sarifLog(diagnostics, options), null, 2);
}

function ruleOf(code: Code, diagnostics: readonly Diagnostic[], docs: string): ReportingDescriptor {
  return {
    id: code,
    shortDescription: { text: codes[code].summary },
    helpUri: `${docs}${code}.md`,
    defaultConfiguration: { level: diagnostics.find((one) => one.code === code)?.severity ?? 'error' },
  };
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number): Result {
  const { code, severity, message, help, span, notes, fixes } = diagnostic;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: help === undefined ? message : `${message}\n${help}` },
    locations: [{ physicalLocation: physicalLocation(span) }],
    ...(notes.length === 0
      ? {}
      : {
          relatedLocations: notes.map(
            (note, id): Location => ({
              id,
              message: { text: note.message },
              physicalLocation: physicalLocation(note.span),
            }),
          ),
        }),
    ...(fixes.length === 0 ? {} : { fixes: fixes.map(fixOf) }),
  };
}

/** A fix in SARIF, which groups edits by file. */
function fixOf({ title, edits }: CompilerFix): Fix {
  const files = [...new Set(edits.map((edit) => edit.span.file))];
  return {
    description: { text: title },
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(file.path) },
      replacements: edits
        .filter((edit) => edit.span.file === file)
        .map(({ span, newText }) => ({
          deletedRegion: regionOf(span),
          insertedContent: { text: newText },
        })),
    })),
  };
}

function physicalLocation(span: Span): PhysicalLocation {
  return { artifactLocation: { uri: uriOf(span.file.path) }, region: regionOf(span) };
}

function regionOf({ file, start, end }: Span): Region {
  const from = file.positionAt(start);
  const to = file.positionAt(Math.max(start, end));
  return {
    startLine: from.line + 1,
    startColumn: from.character + 1,
    endLine: to.line + 1,
    endColumn: to.character + 1,
  };
}

/** A path as a URI reference (RFC 3986). Relative paths stay relative; absolute paths get the scheme `file`. */
export function uriOf(path: string): string {
  // A lone surrogate cannot be encoded. No file name contains one.
  const slashed = path.replaceAll('\\', '/').replace(/\p{Surrogate}/gu, '\ufffd');
  const drive = /^[A-Za-z]:\//.test(slashed);
  const encoded = slashed
    .split('/')
    .map((part, i) => (drive && i === 0 ? part : encodeURIComponent(part)))
    .join('/');
  if (drive) return `file:///${encoded}`;
  return slashed.startsWith('/') ? `file://${encoded}` : encoded;
}
