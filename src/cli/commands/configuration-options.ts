// What the commands that work on the configuration file share: where it is, and what is said after a change.
import type { Command } from 'commander';
import { changeConfigurationFile } from '../../box/config/configuration-file.js';
import type { Configuration } from '../../model/configuration.js';
import { CONFIG_PATH } from '../../model/parts.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { addJsonOption } from './examination-options.js';

export interface ConfigurationOptions {
  readonly config?: string;
  readonly json?: true;
}

export function addConfigurationOptions(command: Command): Command {
  return addJsonOption(command.option('--config <file>', `the configuration (${CONFIG_PATH})`));
}

/** Keeps the change, and shows what `select` takes of the configuration that came out. @throws ConfigError, UsageError */
export function changeConfiguration(
  context: CommandContext,
  options: ConfigurationOptions,
  change: (text: string) => string,
  select: (configuration: Configuration) => unknown,
): void {
  const path = options.config ?? CONFIG_PATH;
  const configuration = changeConfigurationFile(path, change);
  if (options.json) writeJson(context, select(configuration));
  writeNote(context, `saved in ${path}`);
}
