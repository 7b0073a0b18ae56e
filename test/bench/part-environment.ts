// The environment in which the units start a part, from the file that they read.
import { readFileSync } from 'node:fs';
import { CHECKOUT } from '../live/test-path.js';

export function readPartEnvironment(): NodeJS.ProcessEnv {
  const lines = readFileSync(`${CHECKOUT}systemd/apparenet.env`, 'utf8').split('\n');
  const settings = lines.flatMap((line) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return { ...process.env, ...Object.fromEntries(settings) };
}
