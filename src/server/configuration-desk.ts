// The configuration file as the API reads and changes it: whose fault a refusal is, and who hears of a change. What may stand in
// it is decided by box/config, in the same words as on the command line.
import { changeConfigurationFile, readConfigurationFile } from '../box/config/configuration-file.js';
import { parseConfiguration } from '../box/config/parse-configuration.js';
import type { Configuration } from '../model/configuration.js';
import { ConfigError } from '../model/errors.js';

export class ConfigurationDesk {
  readonly #path: string;
  readonly #onChange: (configuration: Configuration) => void;

  /** `onChange` gets what came out of each change. */
  constructor(path: string, onChange: (configuration: Configuration) => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** With every default filled in. @throws ConfigError `config.file` */
  read(): Configuration {
    return this.#checkSound(readConfigurationFile(this.#path).text);
  }

  /** @throws what `edit` throws; ConfigError, `config.file` where not the change is wrong but the file. */
  change(edit: (text: string) => string): Configuration {
    const changed = changeConfigurationFile(this.#path, (text) => {
      this.#checkSound(text);
      return edit(text);
    });
    this.#onChange(changed);
    return changed;
  }

  #checkSound(text: string): Configuration {
    try {
      return parseConfiguration(text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(this.#path, `is not sound, and must be corrected first: ${error.message}`, 'config.file');
    }
  }
}
