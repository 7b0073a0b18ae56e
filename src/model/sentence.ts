// Words of others as the end of a sentence of ours.

/** What ends with a question, such as the name that was probably meant, has its end already. */
export function endSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
