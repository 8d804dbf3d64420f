/** The page: its text is compiled while it is edited, and the network runs when it is asked for. */
import { compile, summaryText } from '../../dist/index.js';
import { showDiagnostics } from './diagnostics.js';
import { byId, element } from './element.js';
import { prepare, run, tensorCount } from './engine.js';
import { showFacts } from './facts.js';
import { drawMask, drawPicture, madeUpCells, pictureOfFile } from './pictures.js';
import { saveOnnx } from './save-onnx.js';

const firstText = `// A small U-Net. Edit it.
language 1

unet Small {
  input    = 1 x 64 x 64
  classes  = 2
  depth    = 2
  channels = 8
  padding  = same

  expect {
    encoder[1] == 8 x 64 x 64
    bottleneck == 32 x 16 x 16
    output     == 2 x 64 x 64
    params     == 29_330
  }
}
`;

const spec = byId('spec');
const chooser = byId('network');

/** The network to show and to run; undefined while the text has errors. */
let network;
/** What `prepare` made for the last run. */
let prepared;
/** For the browser's console, and for the test of this page. */
window.unetExample = { compiledText: undefined, lastRun: undefined };

let timer;
spec.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(compileText, 150);
});

function compileText() {
  timer = undefined;
  window.unetExample.compiledText = spec.value;
  const { diagnostics, networks } = compile('network.unet', spec.value);
  const failed = networks.length === 0 || diagnostics.some(({ severity }) => severity === 'error');
  const isEmpty = networks.length === 0 && diagnostics.length === 0;
  byId('summary').textContent = isEmpty ? 'there is no network in the text' : summaryText(diagnostics);
  byId('summary').className = failed ? 'error' : '';
  spec.setAttribute('aria-invalid', String(failed));
  showDiagnostics(diagnostics, { select, apply });
  byId('facts').classList.toggle('stale', failed);
  byId('stale').hidden = !failed;
  network = undefined;
  if (failed) return;
  const wanted = chooser.value;
  network = networks.find(({ name }) => name === wanted) ?? networks[0];
  chooser.replaceChildren(...networks.map(({ name }) => element('option', {}, name)));
  chooser.value = network.name;
  byId('network-field').hidden = networks.length === 1;
  showFacts(network);
}

/** Marks a place of the text, where it is in this text and not in the library's own blocks. */
function select({ file, start, end }) {
  if (file.text !== spec.value) return;
  spec.focus();
  spec.setSelectionRange(start, Math.max(end, start + 1));
}

/** Makes the edits of a fix, from the last to the first, so that places before them stay. */
function apply(edits) {
  for (const { span, newText } of edits.toSorted((a, b) => b.span.start - a.span.start)) {
    spec.setRangeText(newText, span.start, span.end, 'end');
  }
  spec.focus();
  compileText();
}

byId('controls').addEventListener('submit', async (event) => {
  event.preventDefault();
  const done = await attempt('Running ...', runNetwork);
  byId('result').hidden = !done;
});
byId('save').addEventListener('click', async () => {
  if (!byId('controls').reportValidity()) return;
  await attempt('Writing ...', () => `Saved ${saveOnnx(currentNetwork(), seed())}.`);
});
chooser.addEventListener('change', compileText);

/** Does what a button asks for, one thing at a time. Says what came of it, or why nothing did; true where it is done. */
async function attempt(beginning, work) {
  const status = byId('status');
  const buttons = [byId('run'), byId('save')];
  status.textContent = beginning;
  status.className = '';
  for (const button of buttons) button.disabled = true;
  // The engines compute in this thread: the page is to be drawn before.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  try {
    status.textContent = await work();
    return true;
  } catch (error) {
    status.textContent = error.message;
    status.className = 'error';
    return false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Runs the network on the picture and shows both; returns what there is to say about it. */
async function runNetwork() {
  const current = currentNetwork();
  const { graph } = current;
  const model = await preparedFor(current, byId('engine').value, seed());
  const { channels } = graph.nodes[0];
  const [file] = byId('file').files;
  const picture = file
    ? await pictureOfFile(file, channels, graph.inputSize)
    : madeUpCells(channels, graph.inputSize);
  const result = await run(model, picture);
  showRun(current, picture, result.output);
  window.unetExample.lastRun = { input: picture, ...result };
  const milliseconds = result.milliseconds.toLocaleString('en', { maximumFractionDigits: 1 });
  return `${current.name} on ${result.engine}: ${milliseconds} ms. ${tensorCount()} tensors are in memory.`;
}

/** The model of the last run, or another where the network, the engine or the seed is another. */
async function preparedFor(wanted, engineName, seed) {
  const { network, engineName: lastEngine, seed: lastSeed } = prepared ?? {};
  if (network !== wanted || lastEngine !== engineName || lastSeed !== seed) {
    prepared?.model.dispose();
    prepared = undefined;
    prepared = await prepare(wanted, engineName, seed);
  }
  return prepared;
}

function showRun({ name, spec: settings }, picture, output) {
  const isVolume = picture.shape.length === 5;
  const sizeOf = ({ shape }) => shape.slice(2).join(' x ');
  const slice = isVolume ? ', the middle slice' : '';
  drawPicture(byId('input'), picture);
  byId('input-caption').textContent = `Input: ${sizeOf(picture)}${slice}`;
  const threshold = settings.head.value.kind === 'logits' ? 0 : 0.5;
  const classes = drawMask(byId('mask'), output, threshold);
  // A mask that is smaller than the input is drawn to the same scale.
  const scale = output.shape.at(-1) / picture.shape.at(-1);
  byId('mask').style.width = `${100 * Math.min(1, scale)}%`;
  byId('mask-caption').replaceChildren(
    `Mask of ${name}: ${sizeOf(output)}${slice}`,
    ...classes.map(({ label, share, colour }) => {
      const swatch = element('span', { className: 'swatch', ariaHidden: 'true' });
      swatch.style.background = colour;
      return element('span', { className: 'class' }, swatch, `class ${label}: ${(100 * share).toFixed(1)} %`);
    }),
  );
}

function currentNetwork() {
  // What was typed a moment ago counts too.
  if (timer !== undefined) {
    clearTimeout(timer);
    compileText();
  }
  if (!network) throw new Error('The network has errors: they are listed below its text.');
  return network;
}

function seed() {
  return byId('seed').valueAsNumber;
}

spec.value = firstText;
compileText();
