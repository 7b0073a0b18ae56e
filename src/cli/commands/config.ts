// `apparenet config`: checks the configuration file, shows it with every default, changes single keys of it.
import type { Command } from 'commander';
import { readConfiguration } from '../../box/config/configuration-file.js';
import { parseValue, setKey, unsetKey } from '../../box/config/edit-configuration.js';
import { findKey } from '../../box/config/find-key.js';
import { readTlsFiles } from '../../box/tls/tls-files.js';
import { CONFIG_PATH } from '../../model/parts.js';
import { stringify } from 'yaml';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { addConfigurationOptions, changeConfiguration, type ConfigurationOptions } from './configuration-options.js';

const HELP = `
Examples:
  apparenet config check                            is the file sound?
  apparenet config show                             all of it, with every default
  apparenet config show budget                      one key of it
  sudo apparenet config set budget.dayMb 50         keeps the file's comments
  sudo apparenet config set targets.gateway.thresholds '{rttMs: 20}'
  sudo apparenet config unset budget.dayMb          back to the default

Exit status: 0, or 78 with the field that is wrong.`;

export function addConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .summary('check, show and change the configuration')
    .description('Checks, shows and changes the configuration file.')
    .addHelpText('after', HELP);
  addConfigurationOptions(config.command('check').description('tell whether the file is sound, or which field is not'))
    .addHelpText('after', '\nExample:\n  apparenet config check --config ./config.yaml')
    .action((options: ConfigurationOptions) => check(options, context));
  addConfigurationOptions(
    config.command('show [KEY]').description('the whole configuration, or one key, defaults filled in'),
  )
    .addHelpText('after', '\nExamples:\n  apparenet config show --json\n  apparenet config show targets.gateway')
    .action((key: string | undefined, options: ConfigurationOptions) => show(key, options, context));
  addConfigurationOptions(config.command('set <KEY> <VALUE>').description('change one key; VALUE is YAML'))
    .addHelpText('after', '\nExample:\n  sudo apparenet config set timeZone Europe/Berlin')
    .action((key: string, value: string, options: ConfigurationOptions) =>
      changeKey(key, options, context, (text) => setKey(text, key, parseValue(value))),
    );
  addConfigurationOptions(config.command('unset <KEY>').description('take one key out, so that its default counts'))
    .addHelpText('after', '\nExample:\n  sudo apparenet config unset timeZone')
    .action((key: string, options: ConfigurationOptions) =>
      changeKey(key, options, context, (text) => unsetKey(text, key)),
    );
}

function changeKey(
  key: string,
  options: ConfigurationOptions,
  context: CommandContext,
  change: (text: string) => string,
): void {
  changeConfiguration(context, options, change, (all) => all);
  // All else counts within half a minute where the server runs.
  if (/^server(\.|$)/.test(key)) writeNote(context, 'it counts from the next start of analysis server and page on');
}

function check(options: ConfigurationOptions, context: CommandContext): void {
  const path = options.config ?? CONFIG_PATH;
  const { targets, schedule, server } = readConfiguration(path, options.config !== undefined);
  const { tlsCertificate: certPath, tlsKey: keyPath } = server;
  if (certPath !== undefined && keyPath !== undefined)
    readTlsFiles({ certPath, keyPath, saidBy: 'configuration' }, Date.now());
  const found = { path, targets: targets.length, jobs: schedule.length };
  if (options.json) writeJson(context, found);
  else context.terminal.out.write(`${path} is sound: targets ${found.targets}, jobs of the schedule ${found.jobs}\n`);
}

function show(key: string | undefined, options: ConfigurationOptions, context: CommandContext): void {
  const configuration = readConfiguration(options.config ?? CONFIG_PATH, options.config !== undefined);
  const shown = key === undefined ? configuration : findKey(configuration, key);
  if (options.json) writeJson(context, shown);
  else context.terminal.out.write(stringify(shown));
}
