// Builds DOM nodes. Text only ever becomes text nodes: nothing that came from a network is read as markup.

/** `make('p', { class: 'hint' }, 'words', node, null)`; null children are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== ''));
  return element;
}
