// `apparenet status`: which parts answer, what the ports can do, how the clock and the machine are.
import type { Command } from 'commander';
import { findStateFolder } from '../../box/abilities-store.js';
import { readPlaceInForce } from '../../box/config/read-server-place.js';
import { CONFIG_PATH } from '../../model/parts.js';
import { computeStatusExit, readApplianceStatus } from '../appliance-status.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { renderStatus } from '../status-text.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  apparenet status            the parts, the ports and the machine
  apparenet status --json     the same for a program

Exit status: 0 all three parts answer and are well; 1 some do, or the box is in a critical state; 3 none does.`;

interface StatusOptions {
  readonly tpsSocket?: string;
  readonly stateDir?: string;
  readonly json?: true;
}

export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .summary('the parts, the ports and the machine')
    .description('Tells which parts answer, what the network ports can do, and how the clock and the machine are.');
  command.option('--tps-socket <path>', "the sequencer's control socket, where it is not in its usual place");
  command.option('--state-dir <folder>', 'the folder whose storage is looked at, where it is not in its usual place');
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action(async (options: StatusOptions) => {
      const socketPath = options.tpsSocket ?? context.services.findControlSocketPath();
      const status = await readApplianceStatus({
        socketPath,
        stateDir: options.stateDir ?? findStateFolder(),
        server: await readPlaceInForce(CONFIG_PATH),
        readServerHealth: (signal) => context.services.readServerHealth(options.stateDir, signal),
      });
      const { out } = context.terminal;
      if (options.json) writeJson(context, status);
      else out.write(renderStatus(status, out.ink));
      context.finish(computeStatusExit(status));
    });
}
