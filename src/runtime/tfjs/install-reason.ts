/**
 * Why adding a native engine failed, from what npm and the package's install script print: stack traces, where a
 * user needs the sentence in them.
 */

/** A failed connection: "getaddrinfo ENOTFOUND storage.googleapis.com", "connect ECONNREFUSED 127.0.0.1:8080". */
const NETWORK =
  /(?:(?:getaddrinfo|connect|read|write) )?\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|EPROTO|(?:CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_\w+)\b(?: [\w.-]+(?::\d+)?)?/g;

/** What a text says of a failed connection where it says most. */
function networkIn(text: string): string | undefined {
  return (text.match(NETWORK) ?? []).sort((a, b) => b.length - a.length)[0];
}

/** The host of the last address in a text. */
function hostIn(text: string): string | undefined {
  return [...text.matchAll(/https?:\/\/([^/\s:'"]+)/g)].at(-1)?.[1];
}

/** The last line that says something, without the tool's name before it. */
function lastLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^(?:npm|gyp|node-pre-gyp) (?:error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !/^(?:at |code |errno |syscall |Node\.js v|A complete log)/.test(line));
  return lines.at(-1) ?? 'it gave no reason';
}

/** Why `npm install` failed. */
export function npmReason(output: string): string {
  const network = networkIn(output);
  const registry = `the npm registry${hostIn(output) === undefined ? '' : ` (${hostIn(output)})`}`;
  if (network !== undefined) return `${registry} cannot be reached: ${network}`;
  if (/\bENOSPC\b/.test(output)) return 'the disk is full';
  if (/\b(?:EACCES|EPERM|EROFS)\b/.test(output)) return 'npm may not write into the project';
  if (/\bE404\b/.test(output)) return `${registry} does not have it`;
  const message = output.split('\n').find((line) => /^npm (?:error|ERR!) (?!code |errno )/.test(line));
  return lastLine(message ?? output);
}

/** Why the package's own install script, which downloads TensorFlow and the addon, failed. */
export function scriptReason(output: string): string {
  const host = hostIn(output.replaceAll('nodejs.org', '')) ?? 'the host';
  const [, system] = /Unsupported (?:system|platform): ([\w-]+)/.exec(output) ?? [];
  if (system !== undefined) return `there is no TensorFlow library for this system (${system})`;
  if (/\bENOSPC\b/.test(output)) return "the disk is full: TensorFlow's library takes up to 2 GB";
  if (/TAR_BAD_ARCHIVE|TAR_ENTRY_INVALID|Z_DATA_ERROR|incorrect header check|zip format/i.test(output)) {
    return `what ${host} sent is no archive: a proxy or a firewall may have answered in its place`;
  }
  const refused = /response status (\d+)/.exec(output)?.[1];
  const network = networkIn(output);
  if (network !== undefined && refused === undefined) {
    return (
      `${host}, which has TensorFlow's library and the addon, cannot be reached: ${network} ` +
      '(behind a proxy set HTTPS_PROXY; TFJS_NODE_CDN_STORAGE can name a mirror)'
    );
  }
  if (/node-pre-gyp|gyp ERR!/.test(output)) {
    const why = /gyp ERR! stack Error: (.+)/.exec(output)?.[1] ?? lastLine(output);
    return (
      `there is no prebuilt addon for Node ${process.versions.node} on ${process.platform} ${process.arch}, ` +
      `and it cannot be built here: ${why}`
    );
  }
  return lastLine(output);
}
