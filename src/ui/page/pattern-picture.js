// The picture behind a finding, the same that --plot writes, in the colours of the page.
import { drawPattern } from './model/pattern-svg.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element, or null where there is no pattern. */
export function makePicture(pattern) {
  return pattern === undefined ? null : makeNode(drawPattern(pattern));
}

/** Of the model's `{tag, attributes, children}`. Text only ever becomes text nodes, as everywhere on the page. */
export function makeNode({ tag, attributes, children }) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map((child) => (typeof child === 'string' ? child : makeNode(child))));
  return element;
}
