// Gives the commands what they ask for, each room loaded only when a command needs it. Wiring only.
import { readMayOpenRawPackets } from '../../box/capabilities.js';
import { HostFiles } from '../../box/host-files.js';
import { choosePath } from '../../cli/choose-path.js';
import type { ExamineOptions, Services } from '../../cli/services.js';
import type { OpenProber, Prober } from '../../model/path.js';
import { findControlSocketPath } from '../../prober/remote/find-control-socket.js';

const composeOpenPath = (onEvent: ExamineOptions['onEvent']): OpenProber =>
  choosePath({
    mayOpenRawPackets: readMayOpenRawPackets,
    openNative: async (request, signal) => {
      const { openNativeHere } = await import('./open-native-here.js');
      return openNativeHere(request, signal);
    },
    openRemote: async (request, signal) => {
      const { openRemote } = await import('../../prober/remote/open-remote.js');
      const onWaiting = (ahead: number, behind: string | null): void => onEvent({ kind: 'waiting', ahead, behind });
      return openRemote(findControlSocketPath(), { onWaiting })(request, signal);
    },
    readSequencerNamespace: async (signal) => {
      const { readSequencerNamespace } = await import('./read-sequencer-namespace.js');
      return readSequencerNamespace(signal);
    },
    readOwnNamespace: () => new HostFiles().readLink('proc/self/ns/net'),
  });

export const commandServices: Services = {
  examinePath: async (path, request, { signal, onEvent, captureFile }) => {
    const { examine } = await import('../../prober/examine.js');
    const { startExamination } = await import('../../analysis/examination/start-examination.js');
    const nowNs = (): number => Number(process.hrtime.bigint());
    const run = (open: (stop: AbortSignal) => Promise<Prober>) =>
      examine({ open, start: startExamination, request, signal, onEvent, nowNs });
    if (captureFile === undefined) return run((stop) => composeOpenPath(onEvent)(path, stop));
    const { examineRecorded } = await import('./examine-recorded.js');
    return examineRecorded(path, captureFile, run);
  },
  keepReport: async (report) => {
    const { keepReport } = await import('./keep-report.js');
    return keepReport(report);
  },
  examineScenario: async (name, request, { signal, onEvent }) => {
    const { examine } = await import('../../prober/examine.js');
    const { startExamination } = await import('../../analysis/examination/start-examination.js');
    const { openSimulated } = await import('../../prober/simulated/simulated-prober.js');
    const { findScenario } = await import('../../simulator/scenarios.js');
    const prober = openSimulated(findScenario(name), request.seed);
    const open = () => Promise.resolve(prober);
    return examine({ open, start: startExamination, request, signal, onEvent, nowNs: () => prober.elapsedNs() });
  },
  calibratePort: async (request, signal) => {
    const { calibratePort, MACHINE_ITSELF } = await import('./calibrate-port.js');
    return calibratePort(request ?? MACHINE_ITSELF, signal);
  },
  traceRoute: async (request, options) => {
    const { traceRoute } = await import('../../prober/route/trace-route.js');
    return traceRoute(request, options);
  },
  analyzeRecording: async (file, request) => {
    const { readRecording } = await import('../../prober/capture/read-recording.js');
    const { analyzeRecording } = await import('../../prober/capture/analyze-recording.js');
    return analyzeRecording(await readRecording(file), request);
  },
  listScenarios: async () => {
    const { SCENARIOS } = await import('../../simulator/scenarios.js');
    return Object.values(SCENARIOS).map(({ name, description }) => ({ name, description }));
  },
  openPast: async (stateDir, onLoss) => {
    const { openPast } = await import('./open-past.js');
    return openPast(stateDir, onLoss);
  },
  openAccess: async (stateDir) => {
    const { openAccess } = await import('./open-access.js');
    return openAccess(stateDir);
  },
  readNewPassword: async (name) => {
    const { readNewPassword } = await import('./read-new-password.js');
    return readNewPassword(name);
  },
  readCalendar: async (place) => {
    const { readCalendar } = await import('./read-calendar.js');
    return readCalendar(place);
  },
  makeBundle: async (request) => {
    const { bundleMachine } = await import('./bundle-machine.js');
    return bundleMachine(request);
  },
  startReflector: async (options) => {
    const { startReflector } = await import('../../sequencer/reflector/adapter.js');
    return startReflector(options);
  },
  runConsole: async (options) => {
    const { runConsole } = await import('../run-console.js');
    return runConsole(options);
  },
  runParts: async (options) => {
    const { runParts } = await import('../run.js');
    return runParts(options);
  },
  readServerHealth: async (stateDir, signal) => {
    const { readServerHealth } = await import('./read-server-health.js');
    return readServerHealth(stateDir, signal);
  },
  findControlSocketPath,
};
