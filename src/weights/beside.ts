import type { RandomAccess } from './random-access.js';

/** Opens a file by a path relative to another file. Returns a text with the reason if the file cannot be read. */
export type OpenBeside = (path: string) => RandomAccess | string;

/** Opens a file in the folder of a model or below it. Refuses any other path, because models come from others. */
export function openInFolder(path: string, openBeside: OpenBeside): RandomAccess | string {
  const stays = path !== '' && !/^\/|^[A-Za-z]:|[\\\0]/.test(path) && !path.split('/').includes('..');
  return stays ? openBeside(path) : 'only files in or below the folder of the model are read';
}
