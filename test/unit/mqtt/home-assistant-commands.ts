// Home Assistant's rendering of the templates with which a box asks for commands: as far as they go, which is one dictionary of strings.
import assert from 'node:assert/strict';

let renderings = 0;

/** `value` is what was chosen. Each rendering is of another moment. @throws AssertionError for a template of another form */
export function renderCommand(template: string, value: string): string {
  const [, inner] = /^\{\{ \{(.*)\} \| tojson \}\}$/.exec(template) ?? [];
  assert.ok(inner, `${template} is one dictionary`);
  renderings += 1;
  const moment = `2026-11-23T22:10:00.${String(renderings).padStart(6, '0')}+00:00`;
  const fields = inner.split(', ').map((field) => {
    const [, key, expression = ''] = /^'(\w+)': (.+)$/.exec(field) ?? [];
    assert.ok(key, `${field} is a field`);
    const parts = expression.split(' ~ ').map((part) => {
      if (part === 'now().isoformat()') return moment;
      if (part === 'value') return value;
      const [, text] = /^'([^'\\]*)'$/.exec(part) ?? [];
      assert.ok(text !== undefined, `${part} can be rendered`);
      return text;
    });
    return [key, parts.join('')] as const;
  });
  return JSON.stringify(Object.fromEntries(fields));
}
