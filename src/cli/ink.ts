// Colour for a terminal. A tone only repeats what the words already say; without colour nothing is lost.

export type Tone = 'good' | 'warning' | 'bad' | 'unsure' | 'quiet' | 'strong';

/** Paints a text in a tone, or gives it back unchanged where colour is off. */
export type Ink = (tone: Tone, text: string) => string;

/** SGR parameters of ECMA-48; the basic colours, which every theme keeps legible. */
const SGR: Readonly<Record<Tone, string>> = {
  good: '1;32',
  warning: '1;33',
  bad: '1;31',
  unsure: '1;35',
  quiet: '2',
  strong: '1',
};

export const PLAIN: Ink = (_tone, text) => text;
const COLOURED: Ink = (tone, text) => (text === '' ? '' : `\u001b[${SGR[tone]}m${text}\u001b[0m`);

export interface ColourWishes {
  readonly FORCE_COLOR?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** FORCE_COLOR (not empty; `0` and `false` forbid) goes before NO_COLOR (not empty) goes before what the stream is. */
export function chooseInk(wishes: ColourWishes, isTty: boolean): Ink {
  const forced = wishes.FORCE_COLOR ?? '';
  if (forced !== '') return forced === '0' || forced === 'false' ? PLAIN : COLOURED;
  if ((wishes.NO_COLOR ?? '') !== '') return PLAIN;
  return isTty && wishes.TERM !== 'dumb' ? COLOURED : PLAIN;
}
