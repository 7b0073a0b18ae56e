// The analysis server of a console: the fleet that a broker tells of, and its history.
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { readBoxId } from '../../box/box-id.js';
import { BrokerWatch } from '../../console/broker-watch.js';
import { ConsoleDesk } from '../../console/console-desk.js';
import { FleetHistory } from '../../console/fleet-history.js';
import type { RunConsoleOptions } from '../../model/console-options.js';
import { nameBrokerOptions } from '../../model/console-options.js';
import type { StoreError } from '../../model/errors.js';
import { startConsoleServer } from '../../server/fleet/console-server.js';
import { FleetFeed } from '../../server/fleet/fleet-events.js';
import { composeApiPart } from './api-part.js';
import type { ChosenTls } from './choose-tls.js';
import type { Part } from './part.js';
import { writeDefect, writeTrouble } from './part.js';

export interface StartConsoleOptions extends Pick<RunConsoleOptions, 'broker' | 'retention'> {
  readonly port: number;
  readonly address?: string;
  readonly tls?: ChosenTls;
  /** Of everything that it keeps, and of the socket file for local administrators. */
  readonly folder: string;
  /** Between two compactions of one share of the history, ms. */
  readonly compactMs?: number;
  readonly readClockMs?: () => number;
  /** In [0, 1): before the broker is tried again. */
  readonly random?: () => number;
}

/** @throws DeviceError `device.busy` when the TCP port is taken; StoreError where nothing can be kept: another console may run here. */
export async function startConsole(options: StartConsoleOptions): Promise<Part> {
  const { port, address, folder, broker, retention, compactMs, readClockMs = Date.now, random = Math.random } = options;
  const onDefect = (error: unknown): void => writeDefect('as', error);
  const onStoreError = (error: StoreError): void => writeTrouble('as', error.message);
  const events = new FleetFeed();
  const history = await FleetHistory.open({
    folder: join(folder, 'fleet'),
    ...{ retention, onStoreError },
    ...(compactMs === undefined ? {} : { compactMs }),
  });
  const desk = await ConsoleDesk.open({
    ...{ baseTopic: broker.baseTopic, history, readClockMs, onStoreError },
    onEvent: (event) => events.publish(event),
  });
  const closeKept = async (): Promise<void> => {
    desk.close();
    await history.close();
  };
  try {
    const server = await startConsoleServer({
      ...{ port, fleet: desk, events, onDefect },
      ...(address === undefined ? {} : { address }),
      tls: options.tls?.tls ?? null,
      localSocketPath: join(folder, 'as.sock'),
      accessPath: join(folder, 'access.json'),
    });
    const watch = new BrokerWatch({
      settings: broker,
      clientId: composeClientId(folder),
      take: (topic, bytes, isRetained) => desk.take(topic, bytes, isRetained),
      onBroker: tellBroker(desk),
      ...{ random, onDefect },
    });
    return composeApiPart({
      ...{ server, tls: options.tls },
      close: async () => {
        await watch.close();
        await server.close();
        await closeKept();
      },
    });
  } catch (error) {
    await closeKept();
    throw error;
  }
}

/** Says each change once. */
function tellBroker(desk: ConsoleDesk): (problem: string | null, isConnected: boolean) => void {
  let told: string | null = null;
  return (problem, isConnected) => {
    const words = problem === null ? null : nameBrokerOptions(problem);
    desk.setBroker(words, isConnected);
    if (words !== null && words !== told) writeTrouble('as', `no fleet is heard: ${words}`);
    if (words === null && told !== null) writeTrouble('as', 'the fleet is heard again');
    told = words;
  };
}

/** One for each folder: what the broker keeps for one console goes to no other. MQTT 3.1 brokers took 23 characters, those of today 64. */
function composeClientId(folder: string): string {
  const place = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 6);
  return `apparenet-console-${readBoxId().slice(0, 30)}-${place}`;
}
