import { connectControls } from './controls.js';
import { element } from './elements.js';
import { startPlanes } from './plane-tools.js';
import { readPage } from './read-page.js';
import { ViewState } from './view-state.js';

const state = new ViewState(await readPage());
connectControls(state);
const viewer = startPlanes(state);
element('message', HTMLElement).hidden = true;
// For whoever looks into the page with a console, and for tests.
Object.assign(window, { unetView: { state, viewer } });
document.body.dataset.ready = 'planes';
