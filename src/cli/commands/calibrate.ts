// `apparenet calibrate`: what this machine and one of its ports can do, measured and kept, so that no figure claims to be better.
import type { Command } from 'commander';
import { parseTarget } from '../../box/parse-target.js';
import { requirePort } from '../../box/port-facts.js';
import { EXIT } from '../../model/errors.js';
import type { PortAbilities, ViaChoice } from '../../model/path.js';
import { describeAbilities } from '../abilities-text.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { formatFigure, VOLUME } from '../../model/figures.js';
import { alignRows, wrapText } from '../layout.js';
import type { CalibratedPort } from '../services.js';
import { addJsonOption, addPathOptions } from './examination-options.js';

interface CalibrateOptions {
  readonly port?: string;
  readonly via: ViaChoice;
  readonly json?: true;
}

const HELP = `
Without a target only this machine itself is measured, through its loopback: nothing is sent to a network. With one, the port that
leads there; best is a box on the same switch that runs "apparenet reflect". About 5 MB are sent as fast as the port takes them.

Examples:
  apparenet calibrate                          processor and kernel
  apparenet calibrate 192.0.2.7 --port eth1    the port eth1, against a neighbour

The command sends by itself, with or without the sequencer, and needs its capabilities.

Exit status: 0 measured, 3 stopped or too little came back to tell.`;

export function addCalibrate(program: Command, context: CommandContext): void {
  const command = program
    .command('calibrate')
    .summary("measure the probe's own limits and keep them")
    .description('Measures how well a port of this machine stamps, sends and receives, and keeps it for later figures.')
    .argument('[TARGET]', 'a near host that answers; without it this machine itself');
  addJsonOption(addPathOptions(command))
    .addHelpText('after', HELP)
    .action(async (target: string | undefined, options: CalibrateOptions) => {
      await calibrate(target, options, context);
    });
}

async function calibrate(text: string | undefined, options: CalibrateOptions, context: CommandContext): Promise<void> {
  if (options.port !== undefined) requirePort(options.port);
  const port = options.port === undefined ? {} : { port: options.port };
  const request = text === undefined ? null : { target: parseTarget(text), via: options.via, ...port };
  const interrupts = context.watchInterrupts();
  let result: CalibratedPort;
  try {
    result = await context.services.calibratePort(request, interrupts.signal);
  } finally {
    interrupts.close();
  }
  const { out, err } = context.terminal;
  if (options.json) writeJson(context, result);
  else if (result.abilities) out.write(renderCalibration(result, result.abilities, out.columns));
  if (result.abilities === null) {
    const problem = `${result.target} did not answer enough to tell what port ${result.port} can do`;
    writeNote(context, wrapText(problem, 'apparenet: ', err.columns).join('\n'));
  }
  context.finish(result.abilities === null ? EXIT.unknown : EXIT.ok);
}

function renderCalibration(result: CalibratedPort, abilities: PortAbilities, columns: number): string {
  const { port, target, cost, storedIn, notes } = result;
  const where = port === 'lo' ? 'this machine itself, without its network ports' : `port ${port}, against ${target}`;
  const kept = storedIn === null ? 'not kept' : `kept in ${storedIn}`;
  return [
    where,
    ...alignRows(describeAbilities(abilities)),
    ...notes.flatMap((note) => wrapText(note, 'note  ', columns)),
    `cost ${cost.packets} packets, ${formatFigure(cost.bytes, VOLUME)} · ${kept}`,
    '',
  ].join('\n');
}
