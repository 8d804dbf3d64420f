import { drawSvg, pictureOf, shapeTable, sizeRule } from '../../dist/index.js';
import { byId, element } from './element.js';

/** Shows a compiled network: its counts, the sizes that fit, its picture and its shape table. */
export function showFacts({ name, graph, axes, facts }) {
  const table = shapeTable(facts);
  const { input, output, memory, context } = table;
  showCounts([
    ['Network', name],
    ['Input', shapeText(input)],
    ['Output', shapeText(output)],
    ['Parameters', count(table.params)],
    ['Multiply-adds', count(table.macs)],
    ['Context', context.join(' x ')],
    ['Activations, inference', bytes(memory.inference)],
    ['Activations, training', bytes(memory.training)],
  ]);
  byId('sizes').replaceChildren(
    ...axes.map((axis, index) => element('li', {}, element('code', {}, sizeRule(graph, axis, index)))),
  );
  byId('picture').replaceChildren(svgElement(drawSvg(pictureOf(graph, `input ${shapeText(input)}`))));
  byId('table').tBodies[0].replaceChildren(...table.stages.map(row));
}

function showCounts(pairs) {
  const terms = pairs.map(([term, value]) =>
    element('div', {}, element('dt', {}, term), element('dd', {}, value)),
  );
  byId('counts').replaceChildren(...terms);
}

function row({ stage, channels, spatial, params, macs, receptiveField }) {
  const cells = [channels, spatial.join(' x '), count(params), count(macs), sameOrEach(receptiveField)].map(
    (value) => element('td', {}, String(value)),
  );
  return element('tr', {}, element('th', { scope: 'row' }, stage), ...cells);
}

/** The document that drawSvg wrote, as an element: it follows the colours that the reader's system asks for. */
function svgElement(text) {
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
  return document.importNode(documentElement, true);
}

function shapeText({ channels, spatial }) {
  return [channels, ...spatial].join(' x ');
}

function sameOrEach(sizes) {
  return sizes.every((size) => size === sizes[0]) ? sizes[0] : sizes.join(' x ');
}

function count(number) {
  return number === 0 ? '' : number.toLocaleString('en');
}

function bytes(number) {
  const mebibytes = number / 2 ** 20;
  return mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
