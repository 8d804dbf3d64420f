import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The Python that scripts/peers.sh made, or undefined. */
export function peersPython(): string | undefined {
  const folder = process.env.UNET_PEERS ?? join(homedir(), '.cache', 'unet-lang', 'peers');
  const python = join(folder, 'bin', 'python');
  return existsSync(python) ? python : undefined;
}
