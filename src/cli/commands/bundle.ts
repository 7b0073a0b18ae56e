// `apparenet bundle`: one file with what somebody needs who is to help with this box, and without what nobody else must have.
import type { Command } from 'commander';
import type { MadeBundle } from '../../model/bundle.js';
import { formatFigure, VOLUME } from '../../model/figures.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { wrapText } from '../layout.js';
import { addConfigurationOptions, type ConfigurationOptions } from './configuration-options.js';

const HELP = `
It holds the configuration, the status of parts, ports and machine, the calendar, the last incidents and reports, addresses, routes and
neighbours, what ethtool tells of each port, and the journal of the parts and of the kernel. Passwords, tokens, claim codes and private
keys are left out. Addresses and names are not: give it only to whom you would tell them. Nothing is sent to a network.

Examples:
  sudo apparenet bundle                        a file here, named after the box and the time
  sudo apparenet bundle --output /tmp/b.tgz    where it is wanted
  tar -xzOf FILE manifest.json                 what is in it, what is missing and why

Exit status: 0, also where something is missing in it.`;

interface BundleOptions extends ConfigurationOptions {
  readonly output?: string;
  readonly stateDir?: string;
}

export function addBundle(program: Command, context: CommandContext): void {
  const command = program
    .command('bundle')
    .summary('one file for whoever is to help')
    .description('Writes what this box knows of itself and of its trouble into one file, without its secrets.')
    .option('--output <file>', 'a file that is not there yet')
    .option('--state-dir <folder>', 'the folder of the history, where it is not in its usual place');
  addConfigurationOptions(command)
    .addHelpText('after', HELP)
    .action(async ({ output, stateDir, config, json }: BundleOptions) => {
      const made = await context.services.makeBundle({
        ...(output === undefined ? {} : { output }),
        ...(stateDir === undefined ? {} : { stateDir }),
        ...(config === undefined ? {} : { configPath: config }),
      });
      if (json) writeJson(context, made);
      else context.terminal.out.write(renderBundle(made, context.terminal.out.columns));
    });
}

function renderBundle({ path, bytes, files, missing }: MadeBundle, columns: number): string {
  return [
    `${path}  ${formatFigure(bytes, VOLUME)}, ${files.length} files, without passwords, tokens and keys`,
    ...missing.flatMap(({ name, reason }) => wrapText(`${name}: ${reason}`, 'missing  ', columns)),
    '',
  ].join('\n');
}
