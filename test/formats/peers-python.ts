import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where scripts/peers.sh puts the peers; packages of npm are in its folder "node". */
export function peersFolder(): string {
  return process.env.UNET_PEERS ?? join(homedir(), '.cache', 'unet-lang', 'peers');
}

/** The Python that scripts/peers.sh made, or undefined. */
export function peersPython(): string | undefined {
  const python = join(peersFolder(), 'bin', 'python');
  return existsSync(python) ? python : undefined;
}
