// apparenet-as: the analysis server with this version's examination.
import { startExamination } from '../analysis/examination/start-examination.js';
import { startAnalysisServer } from '../server/server.js';
import { checkHealth } from './check-health.js';
import type { Part } from './part.js';
import { writeDefect } from './part.js';

/** @throws DeviceError `device.busy` when the TCP port is taken. */
export async function startAs(port: number, socketPath: string): Promise<Part> {
  const server = await startAnalysisServer({
    port,
    socketPath,
    start: startExamination,
    onDefect: (error) => writeDefect('as', error),
  });
  return {
    name: 'as',
    where: server.url,
    problems: [],
    check: () => checkHealth(server.url),
    close: () => server.close(),
  };
}
