// Who listens on the registered ports of this machine: the kernel's socket tables joined with the processes that hold them.
// Sends nothing. Whether another machine's ports answer is asked in remote-ports.
import { HostFiles } from './host-files.js';
import { judgeProgram, REGISTERED_PORTS, type Judgement, type RegisteredPort } from './registered-ports.js';
import { readSocketOwners, type SocketOwner } from './socket-owners.js';
import { parseSocketTable, type SocketRow } from './socket-table.js';

export interface Listener {
  readonly address: string;
  readonly uid: number;
  /** null where this user may not see it. */
  readonly pid: number | null;
  readonly program: string | null;
  readonly judgement: Judgement;
  readonly note: string;
}

export interface PortUse extends RegisteredPort {
  readonly listeners: readonly Listener[];
}

/** One entry for each registered port, in the order of REGISTERED_PORTS; a free port has no listeners. */
export function readLocalListeners(files = new HostFiles()): PortUse[] {
  const rows = (['tcp', 'udp'] as const).flatMap((protocol) =>
    ['', '6'].flatMap((suffix) =>
      parseSocketTable(files.readText(`proc/self/net/${protocol}${suffix}`) ?? '', protocol),
    ),
  );
  const wanted = rows.filter((row) => REGISTERED_PORTS.some((port) => holds(port, row)));
  const owners = readSocketOwners(new Set(wanted.map((row) => row.inode)), files);
  return REGISTERED_PORTS.map((port) => ({
    ...port,
    listeners: wanted.filter((row) => holds(port, row)).map((row) => describeListener(row, owners.get(row.inode))),
  }));
}

function holds(port: RegisteredPort, row: SocketRow): boolean {
  return row.port === port.port && row.protocol === port.protocol;
}

function describeListener(row: SocketRow, owner: SocketOwner | undefined): Listener {
  const where = { address: row.address, uid: row.uid };
  if (!owner) {
    return { ...where, pid: null, program: null, judgement: 'unidentified', note: 'root can see which program' };
  }
  return { ...where, pid: owner.pid, program: owner.name, ...judgeProgram(owner.name, owner.commandLine) };
}
