#!/usr/bin/env node
// The entry of the command line: gives the commands their services and the process its exit status. Wiring only.
import { runCommandLine } from '../cli/program.js';
import { openTerminal } from '../cli/terminal.js';
import { commandServices } from './commands/command-services.js';

/** What a person typed to get here; the script of a checkout says so. */
const name = process.env['APPARENET_COMMAND'] ?? 'apparenet';
const exitCode = await runCommandLine([name, ...process.argv.slice(2)], commandServices, openTerminal());
// Not before what was written has reached a slow reader.
process.stdout.write('', () => process.exit(exitCode));
