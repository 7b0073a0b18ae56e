// `apparenet targets`: what is watched all the time; works on the configuration file.
import { Option, type Command } from 'commander';
import { readConfiguration } from '../../box/config/configuration-file.js';
import { addEntry, parseValue, removeEntry, setKey } from '../../box/config/edit-configuration.js';
import { DEPTHS } from '../../model/examination.js';
import { SEGMENTS, type MonitorTarget } from '../../model/monitor.js';
import { CONFIG_PATH } from '../../model/parts.js';
import { VIA_CHOICES } from '../../model/path.js';
import { parseWholeNumber } from '../arguments.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { refuseUnknownWords } from '../default-command.js';
import { alignRows } from '../layout.js';
import { addConfigurationOptions, changeConfiguration, type ConfigurationOptions } from './configuration-options.js';

interface AddOptions extends ConfigurationOptions {
  readonly via?: string;
  readonly port?: string;
  readonly segment?: string;
  readonly interval?: number;
  readonly depth?: string;
}

const HELP = `
Examples:
  apparenet targets
  sudo apparenet targets add office 192.0.2.1 --segment provider
  sudo apparenet targets set office thresholds '{rttMs: 40, lossPercent: 1}'
  sudo apparenet targets disable office

A target is watched with one small packet every 500 ms unless its interval says otherwise.`;

export function addTargets(program: Command, context: CommandContext): void {
  const targets = program
    .command('targets')
    .summary('what is watched all the time')
    .description('Lists and changes the targets that are watched all the time.')
    .addHelpText('after', HELP);
  const list = targets.command('list', { isDefault: true }).description('all targets of the configuration');
  addConfigurationOptions(refuseUnknownWords(list))
    .addHelpText('after', '\nExample:\n  apparenet targets list --json')
    .action((options: ConfigurationOptions) => listTargets(options, context));
  addTargetsAdd(targets, context);
  addConfigurationOptions(targets.command('remove <NAME>').description('watch it no longer; its history stays'))
    .addHelpText('after', '\nExample:\n  sudo apparenet targets remove office')
    .action((name: string, options: ConfigurationOptions) =>
      changeConfiguration(
        context,
        options,
        (text) => removeEntry(text, 'targets', name),
        (all) => all.targets,
      ),
    );
  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    addConfigurationOptions(targets.command(`${verb} <NAME>`).description(`${verb} one target`))
      .addHelpText('after', `\nExample:\n  sudo apparenet targets ${verb} office`)
      .action((name: string, options: ConfigurationOptions) => {
        setTargetKey(context, options, { name, key: 'enabled', value: enabled });
      });
  }
  addConfigurationOptions(targets.command('set <NAME> <KEY> <VALUE>').description('change one key of a target'))
    .addHelpText('after', '\nExample:\n  sudo apparenet targets set office intervalMs 250')
    .action((name: string, key: string, value: string, options: ConfigurationOptions) => {
      setTargetKey(context, options, { name, key, value: parseValue(value) });
    });
}

function addTargetsAdd(targets: Command, context: CommandContext): void {
  const command = targets
    .command('add <NAME> <ADDRESS>')
    .description('watch a host or address; "gateway" is the default gateway')
    .addOption(new Option('--via <way>', 'what answers the probes').choices(VIA_CHOICES))
    .option('--port <name>', 'local network port to send from')
    .addOption(new Option('--segment <part>', 'what lies between here and there').choices(SEGMENTS))
    .option('--interval <ms>', 'from one packet to the next, 100 to 60000 ms', (text) =>
      parseWholeNumber('--interval', { low: 100, high: 60_000 }, text),
    )
    .addOption(new Option('--depth <depth>', 'of the examination that trouble starts').choices(DEPTHS));
  addConfigurationOptions(command)
    .addHelpText('after', '\nExample:\n  sudo apparenet targets add dns 192.0.2.53 --interval 250')
    .action((name: string, address: string, { interval, config, json, ...said }: AddOptions) => {
      const entry = { name, address, ...said, ...(interval === undefined ? {} : { intervalMs: interval }) };
      const options = { ...(config === undefined ? {} : { config }), ...(json ? { json } : {}) };
      changeConfiguration(
        context,
        options,
        (text) => addEntry(text, 'targets', entry),
        (all) => all.targets,
      );
    });
}

interface TargetChange {
  readonly name: string;
  readonly key: string;
  readonly value: unknown;
}

function setTargetKey(context: CommandContext, options: ConfigurationOptions, change: TargetChange): void {
  const { name, key, value } = change;
  changeConfiguration(
    context,
    options,
    (text) => setKey(text, `targets.${name}.${key}`, value),
    (all) => all.targets,
  );
}

function listTargets(options: ConfigurationOptions, context: CommandContext): void {
  const path = options.config ?? CONFIG_PATH;
  const { targets } = readConfiguration(path, options.config !== undefined);
  if (options.json) writeJson(context, { targets });
  else context.terminal.out.write(renderTargets(targets, path));
}

/** Ends in a line break. */
export function renderTargets(targets: readonly MonitorTarget[], path: string): string {
  if (targets.length === 0)
    return `no targets in ${path}: nothing is watched. Add one: apparenet targets add NAME ADDRESS\n`;
  const rows = targets.map(({ name, address, via, segment, intervalMs, depth, thresholds, enabled }) => [
    name,
    address,
    enabled ? 'on' : 'off',
    via,
    segment,
    `every ${intervalMs} ms`,
    depth,
    thresholds === 'learn' ? 'learnt' : JSON.stringify(thresholds),
  ]);
  const head = ['name', 'address', '', 'via', 'segment', 'packets', 'depth', 'thresholds'];
  return `${alignRows([head, ...rows]).join('\n')}\n`;
}
