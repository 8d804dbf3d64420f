import { connectControls } from './controls.js';
import { allElements, element, optionalElement } from './elements.js';
import { startPlanes } from './plane-tools.js';
import { readPage } from './read-page.js';
import { readoutAt } from './readout.js';
import { ViewState } from './view-state.js';
import { type Location, VolumeViewer } from './volume-viewer.js';

const page = await readPage();
const state = new ViewState(page);
connectControls(state);
const [readout, message] = [element('readout', HTMLElement), element('message', HTMLElement)];
const [planeCanvas, volumeCanvas] = [
  element('plane', HTMLCanvasElement),
  element('volume', HTMLCanvasElement),
];
const [planeTools, volumeTools] = [element('plane-tools', HTMLElement), element('volume-tools', HTMLElement)];
const viewButtons = allElements('[data-view]', HTMLButtonElement);
const scaleBar = element('scale-bar', HTMLElement);

/** What stands below the volume: the voxel at the crosshair, and where it lies. */
function showLocation({ voxel, place }: Location): void {
  const [column, row, slice] = voxel.map(Math.round);
  if (column === undefined || row === undefined || slice === undefined) return;
  const along = place.map((one) => one.toFixed(1)).join(', ');
  const where = page.isPlaced ? ` · at (${along}) ${page.unit ?? 'mm'}` : '';
  readout.textContent = readoutAt(page, [slice, row, column]) + where;
}

const planes = startPlanes(state);
const volume = await VolumeViewer.start(volumeCanvas, state, showLocation);

function show(view: string): void {
  const isStored = view === 'stored';
  for (const button of viewButtons) button.ariaPressed = String(button.dataset.view === view);
  [volumeCanvas.hidden, volumeTools.hidden] = [isStored, isStored];
  [planeCanvas.hidden, planeTools.hidden] = [!isStored, !isStored];
  if (!isStored) scaleBar.hidden = true;
  if (isStored) planes.showAll();
  else volume?.show(view);
}

for (const button of viewButtons) button.addEventListener('click', () => show(button.dataset.view ?? 'all'));
// niivue's own keys work only while the mouse is over the canvas.
volumeCanvas.parentElement?.addEventListener(
  'keydown',
  (event) => {
    if (event.target !== volumeCanvas || event.key === 'Tab') return;
    event.stopPropagation();
    if (volume?.press(event.key)) event.preventDefault();
  },
  { capture: true },
);
const radiological = optionalElement('radiological', HTMLInputElement);
radiological?.addEventListener('input', () => volume?.setRadiological(radiological.checked));
const masksOnly = optionalElement('masks-only', HTMLInputElement);
masksOnly?.addEventListener('input', () => volume?.setMasksOnly(masksOnly.checked));
if (volume === undefined) {
  for (const button of viewButtons) button.disabled = button.dataset.view !== 'stored';
  show('stored');
  readout.textContent =
    'This browser has no WebGL 2, which the planes and 3D need: the slices are shown as they are stored.';
} else show('all');
message.hidden = true;
// For whoever looks into the page with a console, and for tests.
Object.assign(window, { unetView: { state, viewer: planes, volume } });
document.body.dataset.ready = volume === undefined ? 'planes' : 'volume';
