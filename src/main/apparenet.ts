#!/usr/bin/env node
// The entry of the command line: gives the commands their services and the process its exit status. Wiring only.
import { runCommandLine } from '../cli/program.js';
import { openTerminal } from '../cli/terminal.js';
import { commandServices } from './command-services.js';

const exitCode = await runCommandLine(process.argv.slice(2), commandServices, openTerminal());
// Not before what was written has reached a slow reader.
process.stdout.write('', () => process.exit(exitCode));
