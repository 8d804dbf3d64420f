import { buildOnnx, networkMetadata, seededWeights, version } from '../../dist/index.js';
import { element } from './element.js';

/** Bytes that a page can be expected to hold at once. */
const mostBytes = 2 ** 30;

/**
 * Offers a network as an ONNX file, the same that `unet build --target onnx` writes, and gives its name. Throws an
 * Error with a sentence for the user.
 */
export function saveOnnx(network, seed) {
  const fileName = `${network.name}.onnx`;
  const bytes = 4 * (network.facts.parameters + network.facts.statistics);
  if (bytes > mostBytes) {
    throw new Error(
      `${fileName} would have ${(bytes / 2 ** 30).toFixed(1)} GiB: too much for a page. ` +
        `The command line writes it: unet build FILE --target onnx -o ${fileName}`,
    );
  }
  const built = buildOnnx(network.graph, {
    weights: seededWeights(seed),
    fileName,
    metadata: networkMetadata(network),
    producerVersion: version,
  });
  if (!built.ok) throw new Error(built.problems.map(({ message }) => message).join('; '));
  // The weights lie in the model up to 2 GB, so there is one file. The buffer of a chunk is used again: each is copied.
  const [file] = built.files;
  const blob = new Blob(Array.from(file.chunks, (chunk) => chunk.slice()));
  const link = element('a', { href: URL.createObjectURL(blob), download: fileName });
  link.click();
  // The browser has taken the file when the next task runs.
  setTimeout(() => URL.revokeObjectURL(link.href));
  return fileName;
}
