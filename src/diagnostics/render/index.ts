/** Renders diagnostics as text for people, and in the three formats that tools read. */
export { renderGithub } from './github.js';
export { type CheckJson, checkJson, type DiagnosticJson, type RangeJson, renderJson } from './json.js';
export { renderSarif, type SarifOptions, sarifLog } from './sarif.js';
export { renderText, summaryText, type TextOptions } from './text.js';
