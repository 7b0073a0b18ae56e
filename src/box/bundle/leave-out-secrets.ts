// What must not leave the box is taken out of a text: secrets that are known, and whatever has the form of one. Pure.

export const LEFT_OUT = '[left out]';
/** Shorter ones could not be told from other words. */
const LEAST_LENGTH = 4;

const FORMS: readonly (readonly [form: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, LEFT_OUT],
  // The box's own: tokens of programs, and the code that makes an administrator.
  [/\bapn_[2-9a-z]{8}_[A-Za-z0-9_-]+/g, LEFT_OUT],
  [/(claim code:? +)[0-9A-Z-]+/gi, `$1${LEFT_OUT}`],
  [/([a-z]+:\/\/)[^\s/"'@]+@/gi, `$1${LEFT_OUT}@`],
  // WebSocket brokers take passwords in the query.
  [/(wss?:\/\/[^\s?"']+\?)[^\s"']+/gi, `$1${LEFT_OUT}`],
  // To the end of the line where there are no quotes: rather too much.
  [/((?:password|passwd|secret|authorization)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\n,}]+)/gi, `$1"${LEFT_OUT}"`],
];

/** `secrets` as they are; they are found in JSON and in addresses, too. */
export function leaveOutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= LEAST_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    // Of two of which one holds the other the longer one first.
    .sort((a, b) => b.length - a.length);
  const without = known.reduce((left, secret) => left.replaceAll(secret, LEFT_OUT), text);
  return FORMS.reduce((left, [form, instead]) => left.replaceAll(form, instead), without);
}
