import type { CompletionProblem, NpmProblem } from '../../diagnostics/codes/engines.js';

/**
 * Why installing a native engine failed, from the output of npm and of the package's install script. Both print stack
 * traces, but a user needs the reason in them.
 */

/** A failed connection: "getaddrinfo ENOTFOUND storage.googleapis.com", "connect ECONNREFUSED 127.0.0.1:8080". */
const NETWORK =
  /(?:(?:getaddrinfo|connect|read|write) )?\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|EPROTO|(?:CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_\w+)\b(?: [\w.-]+(?::\d+)?)?/g;

/** The most detailed description of a failed connection in a text. */
function networkIn(text: string): string | undefined {
  return (text.match(NETWORK) ?? []).sort((a, b) => b.length - a.length)[0];
}

/** The host of the last address in a text. */
function hostIn(text: string): string | undefined {
  return [...text.matchAll(/https?:\/\/([^/\s:'"]+)/g)].at(-1)?.[1];
}

/** The last meaningful line, without the tool's name before it. */
function lastLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^(?:npm|gyp|node-pre-gyp) (?:error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !/^(?:at |code |errno |syscall |Node\.js v|A complete log)/.test(line));
  return lines.at(-1) ?? 'it gave no reason';
}

/** Why `npm install` failed. */
export function npmProblem(output: string): NpmProblem {
  const [network, registry] = [networkIn(output), hostIn(output)];
  if (network !== undefined) return { case: 'unreachable', registry, reason: network };
  if (/\bENOSPC\b/.test(output)) return { case: 'disk-full' };
  if (/\b(?:EACCES|EPERM|EROFS)\b/.test(output)) return { case: 'no-permission' };
  if (/\bE404\b/.test(output)) return { case: 'not-in-registry', registry };
  const message = output.split('\n').find((line) => /^npm (?:error|ERR!) (?!code |errno )/.test(line));
  return { case: 'other', reason: lastLine(message ?? output) };
}

/** Why the package's own install script, which downloads TensorFlow and the addon, failed. */
export function scriptProblem(output: string): CompletionProblem {
  const host = hostIn(output.replaceAll('nodejs.org', ''));
  const [, system] = /Unsupported (?:system|platform): ([\w-]+)/.exec(output) ?? [];
  if (system !== undefined) return { case: 'no-library', system };
  if (/\bENOSPC\b/.test(output)) return { case: 'disk-full' };
  if (/TAR_BAD_ARCHIVE|TAR_ENTRY_INVALID|Z_DATA_ERROR|incorrect header check|zip format/i.test(output)) {
    return { case: 'not-an-archive', host };
  }
  const refused = /response status (\d+)/.exec(output)?.[1];
  const network = networkIn(output);
  if (network !== undefined && refused === undefined) {
    return { case: 'unreachable', host, reason: network };
  }
  if (/node-pre-gyp|gyp ERR!/.test(output)) {
    const reason = /gyp ERR! stack Error: (.+)/.exec(output)?.[1] ?? lastLine(output);
    const { platform, arch, versions } = process;
    return { case: 'no-addon', node: versions.node, system: `${platform} ${arch}`, reason };
  }
  return { case: 'other', reason: lastLine(output) };
}
