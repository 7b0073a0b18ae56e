// Watches the targets of a configuration file with short minutes until it is ended; prints a line when it has begun.
// Arguments: state folder, control socket, configuration file, length of a minute in ms.
import { join } from 'node:path';
import { readConfiguration } from '../../../src/box/config/configuration-file.js';
import { History } from '../../../src/history/history.js';
import { startWatching } from '../../../src/server/watch.js';

const [folder = '', socketPath = '', configPath = '', minuteMs = ''] = process.argv.slice(2);
const fail = (error: unknown): never => {
  throw error;
};
await startWatching({
  configuration: readConfiguration(configPath, true),
  history: await History.open(join(folder, 'history')),
  baselineFolder: join(folder, 'baseline'),
  socketPath,
  examine: () => undefined,
  onTold: () => undefined,
  onStoreError: fail,
  onDefect: fail,
  minuteMs: Number(minuteMs),
});
process.stdout.write('watching\n');
