// The analysis server as `apparenet-as` starts it, with short minutes; prints a line when it listens, and another for each event.
// Arguments: state folder, control socket, configuration file, length of a minute in ms.
import { startAs } from '../../../src/main/parts/start-as.js';

const [stateDir = '', socketPath = '', configPath = '', minuteMs = ''] = process.argv.slice(2);
const part = await startAs({ port: 0, stateDir, socketPath, configPath, minuteMs: Number(minuteMs) });
process.stdout.write(`analysis server ${part.where}\n`);
process.once('SIGTERM', () => void part.close().then(() => process.exit(0)));
