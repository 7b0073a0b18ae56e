// A sequencer over simulated paths in a process of its own, for tests that kill it. Argument: its socket. Prints one line when
// it is ready.
import { startControlServer } from '../../../src/sequencer/control/server.js';
import { openScenario } from './simulated-parts.js';

const [socketPath = ''] = process.argv.slice(2);
const server = await startControlServer({
  socketPath,
  version: '0',
  open: openScenario,
  readReflector: () => null,
  listNeighbours: () => [],
  readProblems: () => [],
  onDefect: (error) => process.stderr.write(`${String(error)}\n`),
});
process.once('SIGTERM', () => void server.close());
process.stdout.write('ready\n');
