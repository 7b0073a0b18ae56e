#!/usr/bin/env node
// apparenet-ui: the entry of the service unit. The same as `apparenet run --only ui`, whose options it takes.
import { runCommandLine } from '../cli/program.js';
import { openTerminal } from '../cli/terminal.js';
import { commandServices } from './command-services.js';

const words = ['run', '--only', 'ui', ...process.argv.slice(2)];
const exitCode = await runCommandLine(words, commandServices, openTerminal());
process.exit(exitCode);
