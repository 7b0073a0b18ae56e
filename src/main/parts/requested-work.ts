// Does what is asked of the box over MQTT the way the API does it: examinations at the desk, in turn with all others; changes in the
// configuration file. Who may ask, and what is answered, is decided in mqtt/requests.
import { AbilitiesStore } from '../../box/abilities-store.js';
import { setKey } from '../../box/config/edit-configuration.js';
import { parseTarget } from '../../box/parse-target.js';
import type { MadeBundle } from '../../model/bundle.js';
import type { Configuration } from '../../model/configuration.js';
import { AccessError, CanceledError, DeviceError, UsageError } from '../../model/errors.js';
import { computeDefaultBudget } from '../../model/examination.js';
import type { Depth, SpendingBounds } from '../../model/examination.js';
import type { MqttRequest } from '../../model/mqtt-request.js';
import type { PathRequest } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import type { BegunWork, RequestProgress, RequestWork } from '../../mqtt/requests/request-desk.js';
import { parseError } from '../../sequencer/control/errors-on-the-wire.js';
import type { ConfigurationDesk } from '../../server/configuration-desk.js';
import type { ExaminationDesk, ExaminationOrder, ExaminationRecord } from '../../server/examination-desk.js';
import { keepCalibration } from '../commands/keep-calibration.js';

export interface RequestedWorkPlace {
  readonly desk: ExaminationDesk;
  readonly configuration: ConfigurationDesk;
  readonly makeBundle: () => Promise<MadeBundle>;
}

type Tell = (progress: RequestProgress) => void;
type Examination = Extract<MqttRequest, { verb: 'diagnose' | 'measure' }>;

/** This machine without its cards: what its processor and kernel can do. */
const MACHINE_ITSELF: PathRequest = { target: '127.0.0.1', via: 'icmp' };

export class RequestedWork implements RequestWork {
  #isCalibrating = false;

  constructor(private readonly place: RequestedWorkPlace) {}

  begin(request: MqttRequest, onProgress: Tell): BegunWork {
    switch (request.verb) {
      case 'diagnose':
      case 'measure':
        return this.#examine(request, onProgress);
      case 'calibrate':
        return this.#calibrate(request.target, onProgress);
      case 'profile':
        return this.#setProfile(request.target, request.profile);
      case 'bundle':
        return this.#bundle();
    }
  }

  #examine(request: Examination, onProgress: Tell): BegunWork {
    const { desk, configuration } = this.place;
    const order = composeOrder(request, findPath(configuration.read(), request.target));
    const { id } = desk.start(order);
    const stop = desk.watch(id, ({ state, phase, ahead }) => {
      if (state === 'queued' || state === 'running') onProgress({ phase, ahead });
    });
    return {
      known: { report: id },
      result: desk.waitFor(id).then(describeOutcome).finally(stop),
      cancel: () => void desk.cancel(id),
    };
  }

  /** One at a time: a second one would measure what the first one leaves. */
  #calibrate(target: string | undefined, onProgress: Tell): BegunWork {
    const { desk, configuration } = this.place;
    if (this.#isCalibrating) throw new DeviceError('device.busy', 'a calibration is under way already');
    const path = target === undefined ? MACHINE_ITSELF : findPath(configuration.read(), target).path;
    const controller = new AbortController();
    const { signal } = controller;
    const onAhead = (ahead: number): void => onProgress({ phase: null, ahead });
    this.#isCalibrating = true;
    const calibrating = desk.takePath(path, { signal, onAhead }, async (prober) => {
      onProgress({ phase: 'calibration', ahead: 0 });
      // Rarely asked for: no start has to wait for it.
      const { calibrate } = await import('../../prober/calibrate.js');
      return calibrate(prober, signal);
    });
    const result = calibrating.then((found) => {
      const { port, abilities, storedIn, notes } = keepCalibration(found, new AbilitiesStore());
      if (abilities === null)
        throw new DeviceError(
          'peer.failed',
          `${found.path.target.address} did not answer enough to tell what port ${port} can do`,
        );
      return { port, abilities, kept: storedIn !== null, notes };
    });
    return { known: {}, result: result.finally(() => (this.#isCalibrating = false)), cancel: () => controller.abort() };
  }

  /** What it holds stays on the box: it is too large for a broker, and tells more than who listens there needs to know. */
  #bundle(): BegunWork {
    const result = this.place.makeBundle().then(({ path, bytes, sha256, missing }) => ({
      ...{ file: path, bytes, sha256 },
      missing: missing.map(({ name }) => name),
    }));
    return { known: {}, result, cancel: () => undefined };
  }

  #setProfile(target: string, profile: Depth): BegunWork {
    const { configuration } = this.place;
    // By number, since a name may look like one.
    const at = configuration.read().targets.findIndex(({ name }) => name === target);
    if (at < 0) throw new UsageError('usage.argument', `no target of the configuration is called ${target}`);
    configuration.change((text) => setKey(text, `targets[${at}].depth`, profile));
    return { known: {}, result: Promise.resolve({ target, profile }), cancel: () => undefined };
  }
}

interface FoundPath {
  readonly path: PathRequest;
  /** Both null for an address of no target. */
  readonly name: string | null;
  readonly depth: Depth | null;
}

/** @throws AccessError, UsageError */
function findPath({ targets, mqtt }: Configuration, name: string): FoundPath {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) {
    const { address, via, port, depth } = found;
    return { path: { target: address, via, ...(port === undefined ? {} : { port }) }, name, depth };
  }
  if (mqtt.requests.anyAddress) return { path: { target: parseTarget(name), via: 'auto' }, name: null, depth: null };
  throw new AccessError(
    'access.request',
    `no target of the configuration is called ${name}, and mqtt.requests.anyAddress of this box is off`,
  );
}

function composeOrder(request: Examination, { path, name, depth: profile }: FoundPath): ExaminationOrder {
  const quantity = request.verb === 'measure' ? request.quantity : null;
  const depth = (request.verb === 'diagnose' ? request.depth : undefined) ?? profile ?? 'normal';
  const { maxSeconds, maxBytes } = { ...computeDefaultBudget(depth, quantity), ...pickBounds(request) };
  return { ...path, ...(name === null ? {} : { name }), depth, quantity, maxSeconds, maxBytes };
}

function pickBounds({ maxSeconds, maxBytes }: Examination): Partial<SpendingBounds> {
  return { ...(maxSeconds === undefined ? {} : { maxSeconds }), ...(maxBytes === undefined ? {} : { maxBytes }) };
}

/** @throws what it failed with, in its own class */
function describeOutcome({ state, report, problem }: ExaminationRecord): object {
  if (report !== null && state === 'done') return describeReport(report);
  if (state === 'canceled') throw new CanceledError('it was canceled before it ended');
  throw parseError({ ...problem, message: problem?.detail });
}

function describeReport({ id, verdict, summary }: Report): object {
  return { report: id, verdict, summary };
}
