// How the box itself is, for a person: its clock, machine and storage, whether it was the limit of results, and what to do.
import type {
  CertificateHealth,
  ClockHealth,
  HealthConcern,
  LoadHealth,
  StorageHealth,
  Temperature,
} from '../model/box-health.js';
import { formatFigure, TIME, VOLUME } from '../model/figures.js';
import type { LastResults, MqttState } from '../model/server-health.js';
import type { ApplianceStatus } from './appliance-status.js';
import type { Ink, Tone } from './ink.js';

const PERCENT = 100;

/** Rows of a heading and a sentence. */
export function describeHealth({ inventory, health, certificate, results, mqtt }: ApplianceStatus): string[][] {
  const { clock, memory, load, temperatures, storage } = health;
  const machine = [
    ...(memory === null
      ? []
      : [`memory ${formatFigure(memory.availableBytes, VOLUME)} of ${formatFigure(memory.totalBytes, VOLUME)} free`]),
    ...(load === null ? [] : [describeLoad(load)]),
    ...describeHottest(temperatures),
  ];
  const kind = [inventory?.machine, inventory?.processor, inventory?.system].filter((word) => word != null);
  return [
    ...(kind.length === 0 ? [] : [['box', kind.join(', ')]]),
    ['machine', machine.length === 0 ? 'does not tell' : machine.join(', ')],
    ['clock', describeClock(clock)],
    ...(storage === null ? [] : [['storage', describeStorage(storage)]]),
    ...(certificate === null ? [] : [['certificate', describeCertificate(certificate)]]),
    ...(results === null ? [] : [['results', describeResults(results)]]),
    ...(mqtt === null ? [] : [['mqtt', describeMqtt(mqtt)]]),
  ];
}

function describeMqtt({ connected, problem, messages, bytes, dropped }: MqttState): string {
  const state = connected ? 'the broker takes what is published' : (problem ?? 'looking for the broker');
  const waiting = messages === 0 ? '' : `; ${messages} messages wait (${formatFigure(bytes, VOLUME)})`;
  return `${state}${waiting}${dropped === 0 ? '' : `; ${dropped} were dropped`}`;
}

function describeLoad({ processors, load1, stalled }: LoadHealth): string {
  const waited =
    stalled === null ? '' : ` (some waited ${Math.round(stalled.processor * PERCENT)} % of the last minute)`;
  return `load ${load1.toFixed(2)} on ${processors} ${processors === 1 ? 'processor' : 'processors'}${waited}`;
}

function describeHottest([hottest]: readonly Temperature[]): string[] {
  return hottest === undefined ? [] : [`${Math.round(hottest.celsius)} °C (${hottest.sensor})`];
}

function describeClock({ synchronized, service, maxErrorNs, source }: ClockHealth): string {
  const read = source === null ? '' : `, read from ${source}`;
  if (synchronized === true) {
    const within = maxErrorNs === null ? '' : ` to within ${formatFigure(maxErrorNs, TIME)}`;
    return `synchronized${service === null ? '' : ` by ${service}`}${within}${read}`;
  }
  if (service === null) return `no time service found: one-way figures would mean nothing${read}`;
  return `${service} runs${synchronized === null ? '' : ', but has not synchronized yet'}${read}`;
}

function describeStorage({
  availableBytes,
  totalBytes,
  folder,
  fileSystem,
  wear,
  writtenBytes,
}: StorageHealth): string {
  const parts = [
    `${formatFigure(availableBytes, VOLUME)} of ${formatFigure(totalBytes, VOLUME)} free for ${folder} (${fileSystem})`,
    ...(wear === null ? [] : [`${Math.round(wear * PERCENT)} % of the flash's life used`]),
    ...(writtenBytes === null ? [] : [`${formatFigure(writtenBytes, VOLUME)} written since it started`]),
  ];
  return parts.join(', ');
}

function describeCertificate({ expiresMs, isOwn }: CertificateHealth): string {
  const whose = isOwn ? "the box's own" : 'the one that was given to it';
  return `${whose}, until ${new Date(expiresMs).toISOString().slice(0, 10)}`;
}

function describeResults({ reports, limitedByProbe, ports }: LastResults): string {
  const of = reports === 1 ? 'the last report' : `${limitedByProbe} of the last ${reports} reports`;
  if (limitedByProbe === 0)
    return reports === 1
      ? 'the box did not limit the last report'
      : `the box limited none of the last ${reports} reports`;
  const limited = ports.filter((one) => one.limitedByProbe > 0).map((one) => `${one.port} ${one.limitedByProbe}`);
  return `the box itself limited ${of} (${limited.join(', ')})`;
}

const TONES: Readonly<Record<HealthConcern['severity'], Tone>> = { info: 'quiet', warning: 'warning', critical: 'bad' };

/** After an empty line; nothing where all is well. */
export function describeConcerns(concerns: readonly HealthConcern[], ink: Ink): string[] {
  if (concerns.length === 0) return [];
  return [
    '',
    ...concerns.flatMap(({ severity, text, advice }) => [`${ink(TONES[severity], severity)}: ${text}`, `  ${advice}`]),
  ];
}
