/** A name of a case as the name of a file: without folders, and without characters that file systems forbid. */
function fileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}._#-]+/gu, '_').replace(/^\.+/, '_');
  // File systems take 255 bytes, and a character has 4 at most.
  return [...plain].slice(0, 60).join('');
}

/** The name of a file for each case, without its ending. No two are equal, also where capitals do not count. */
export function pageNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const own = fileName(name) || '_';
    let found = own;
    for (let i = 2; used.has(found.toLowerCase()); i++) found = `${own}-${i}`;
    used.add(found.toLowerCase());
    return found;
  });
}
