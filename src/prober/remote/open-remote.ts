// A prober whose packets another process sends: each run goes over the control socket and its trace comes back.
import { CanceledError, InvariantError } from '../../model/errors.js';
import type { OpenProber, PathDescription, PathRequest, Prober, RunOptions } from '../../model/path.js';
import type { Budget, Cost, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { CONTROL_LIMITS, parseCount, parseObject, parseText } from '../../sequencer/control/messages.js';
import { parseTrace } from '../../sequencer/control/trace-message.js';
import { ControlClient } from './control-client.js';

export interface RemoteOptions {
  /** Hears how many runs of others on the same network port come first, and the target of the first of them, while a run waits. */
  readonly onWaiting?: (ahead: number, behind: string | null) => void;
}

/**
 * Beside what OpenProber says, opening throws DeviceError `peer.unreachable` without a sequencer at `socketPath` and
 * PermissionError where this user may not open the socket; a run throws `peer.unreachable` when the sequencer goes away.
 */
export function openRemote(socketPath: string, options: RemoteOptions = {}): OpenProber {
  return async (request, signal) => {
    const client = await ControlClient.connect(socketPath, signal);
    try {
      const prober = await openPath(client, request, signal, options);
      if (signal.aborted) throw new CanceledError();
      return prober;
    } catch (error) {
      client.destroy();
      throw error;
    }
  };
}

async function openPath(
  client: ControlClient,
  request: PathRequest,
  signal: AbortSignal,
  options: RemoteOptions,
): Promise<Prober> {
  const { header } = await client.request({ type: 'open', ...request }, { expects: 'opened', signal });
  // The path is our own sequencer's word, the same program of the same version of the protocol: its shape is trusted.
  const path = parseObject(header['path'], 'path') as unknown as PathDescription;
  const cost = parseObject(header['openingCost'], 'openingCost');
  const openingCost = { packets: parseCount(cost['packets'], 'packets'), bytes: parseCount(cost['bytes'], 'bytes') };
  return new RemoteProber(client, path, openingCost, options);
}

class RemoteProber implements Prober {
  #running = false;
  #closed = false;

  constructor(
    private readonly client: ControlClient,
    readonly path: PathDescription,
    readonly openingCost: Cost,
    private readonly remote: RemoteOptions,
  ) {}

  async run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    if (this.#closed) throw new InvariantError('a sequence was started on a closed prober');
    if (this.#running) throw new InvariantError('a sequence was started while another one runs');
    this.#running = true;
    try {
      const { header, body } = await this.client.request(
        { type: 'run', sequence, budget: boundBudget(options.budget), canceled: options.signal.aborted },
        {
          expects: 'trace',
          signal: options.signal,
          onInterim: (interim) => this.#tell(interim, options),
        },
      );
      return parseTrace(header, body);
    } finally {
      this.#running = false;
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.client.close();
  }

  #tell(interim: Readonly<Record<string, unknown>>, options: RunOptions): void {
    if (interim['type'] === 'waiting') {
      const { ahead, behind } = interim;
      const whose = behind === undefined ? null : parseText(behind, 'behind', 255);
      this.remote.onWaiting?.(parseCount(ahead, 'ahead'), whose);
    } else if (interim['type'] === 'progress') {
      options.onProgress?.({ sent: parseCount(interim['sent'], 'sent'), total: parseCount(interim['total'], 'total') });
    }
  }
}

/** Infinity has no JSON form; the sequencer's own bounds are far below these. */
function boundBudget(budget: Budget): Budget {
  return {
    maxPackets: Math.min(Math.floor(budget.maxPackets), CONTROL_LIMITS.runPackets),
    maxBytes: Math.min(Math.floor(budget.maxBytes), Number.MAX_SAFE_INTEGER),
  };
}
