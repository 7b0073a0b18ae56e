// apparenet-tps: the control server with the native engine behind it, and the reflector. Either may lack rights or a UDP port;
// the part then runs without and says so.
import { createRawPacketError, readMayOpenRawPackets } from '../../box/capabilities.js';
import { startLinkWatch } from '../../box/link-watch.js';
import { ApparenetError, CanceledError } from '../../model/errors.js';
import { VERSION } from '../../model/parts.js';
import { createOpenNative } from '../../prober/native/open-native.js';
import { readStatus } from '../../prober/remote/read-status.js';
import type { ReflectorStatus } from '../../sequencer/control/messages.js';
import { startControlServer } from '../../sequencer/control/server.js';
import { startReflector } from '../../sequencer/reflector/adapter.js';
import type { RunningReflector } from '../../sequencer/reflector/adapter.js';
import { calibratePort, MACHINE_ITSELF } from '../commands/calibrate-port.js';
import type { Part } from './part.js';
import { writeDefect } from './part.js';

export interface StartTpsOptions {
  readonly socketPath: string;
  /** Empty for no reflector. */
  readonly reflectorPorts: readonly number[];
}

/** @throws DeviceError `device.busy` when another sequencer answers at the socket; PermissionError when it may not be made. */
export async function startTps({ socketPath, reflectorPorts }: StartTpsOptions): Promise<Part> {
  const problems: string[] = [];
  if (!readMayOpenRawPackets()) {
    const { message, remedy } = createRawPacketError();
    problems.push(`${message}: examinations end with exit status 77. To grant it: ${remedy}`);
  }
  let reflector: RunningReflector | null = null;
  const watch = startLinkWatch();
  const server = await startControlServer({
    socketPath,
    version: VERSION,
    open: createOpenNative({ listen: watch.listen }),
    readReflector: () => describeReflector(reflector),
    listNeighbours: () => watch.listNeighbours(),
    readProblems: () => [...problems, ...describeReflectorEnd(reflector)],
    onDefect: (error) => writeDefect('tps', error),
  });
  reflector = tryReflector(reflectorPorts, problems);
  const calibration = startCalibration(problems);
  const answering = reflector ? reflector.udpPorts.map((port) => ` udp/${port}`).join('') : ' none';
  return {
    name: 'tps',
    where: `${socketPath}, reflector${answering}; tcp/3237 stays closed until peers can be authenticated`,
    problems,
    check: async () => {
      await readStatus(socketPath);
    },
    close: async () => {
      await calibration.stop();
      await server.close();
      await reflector?.close();
      watch.close();
    },
  };
}

/** Learns what this machine itself can do, beside the start: nothing is sent to a network, and nobody waits for it. */
function startCalibration(problems: string[]): { readonly stop: () => Promise<void> } {
  if (!readMayOpenRawPackets()) return { stop: () => Promise.resolve() };
  const controller = new AbortController();
  const done = calibratePort(MACHINE_ITSELF, controller.signal).then(
    ({ storedIn, notes }) => {
      if (storedIn === null)
        problems.push(`the calibration of this machine is not kept: ${notes.at(-1) ?? 'no reason told'}`);
    },
    (error: unknown) => {
      if (error instanceof CanceledError) return;
      if (!(error instanceof ApparenetError)) throw error;
      problems.push(`this machine could not be calibrated: ${error.message}`);
    },
  );
  return {
    stop: async () => {
      controller.abort();
      await done;
    },
  };
}

function describeReflector(reflector: RunningReflector | null): ReflectorStatus | null {
  if (!reflector) return null;
  return { udpPorts: reflector.udpPorts, realTime: reflector.realTime, counters: { ...reflector.counters() } };
}

function describeReflectorEnd(reflector: RunningReflector | null): string[] {
  const problem = reflector?.problem() ?? null;
  return problem === null ? [] : [`the reflector no longer answers: ${problem}`];
}

/** Opened after the socket, so that a second sequencer is told of the first one and not of its UDP port. */
function tryReflector(udpPorts: readonly number[], problems: string[]): RunningReflector | null {
  if (udpPorts.length === 0) return null;
  try {
    const reflector = startReflector({ udpPorts });
    problems.push(...reflector.notes);
    return reflector;
  } catch (error) {
    if (!(error instanceof ApparenetError)) throw error;
    problems.push(`no reflector: ${error.message}`);
    return null;
  }
}
