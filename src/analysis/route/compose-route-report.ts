// Everything that was seen of a path -> its report. The parts decide; here they meet.
import { createRandom } from '../../model/random.js';
import {
  ROUTE_SCHEMA,
  type ProbeSizes,
  type RouteHop,
  type RouteObservation,
  type RouteReport,
  type RouteRequest,
} from '../../model/route.js';
import { computeHopDelay, findSlowHops, locateDelay, locateQueueing } from './hop-delay.js';
import { estimateHopLosses, locateLoss } from './hop-loss.js';
import { estimateHopMtus } from './hop-mtu.js';
import { describeHop } from './hop-notes.js';
import { buildHopTable, type HopRow } from './hop-table.js';
import { estimateLinks, findNarrowLink, type LinkRate } from './narrow-link.js';
import { judgeEnd } from './route-end.js';
import { judgeVerdict, summarize } from './route-summary.js';

export function composeRouteReport(
  observation: RouteObservation,
  request: Pick<RouteRequest, 'maxHops' | 'multipath' | 'startedAt' | 'seed'>,
): RouteReport {
  const samples = [...observation.found, ...observation.measured];
  const facts = { ownAddress: observation.port.address, maxHops: request.maxHops };
  const end = judgeEnd(samples, { ...facts, interrupted: observation.interrupted });
  const rows = buildHopTable(observation);
  const { sizes } = observation;
  const links = estimateLinks(rows, sizes, createRandom(request.seed));
  const hops = composeHops(rows, { observation, sizes, links, isMultipath: request.multipath });
  const onsets = {
    loss: end.kind === 'target' && !limitsAnswers(observation) ? locateLoss(rows) : null,
    delay: locateDelay(rows, sizes.smallBytes),
    queueing: locateQueueing(rows, sizes.smallBytes),
    narrowLink: findNarrowLink(links),
  };
  return {
    schema: ROUTE_SCHEMA,
    target: observation.target,
    port: { name: observation.port.name },
    stamps: observation.stamps,
    startedAt: request.startedAt,
    durationMs: observation.durationMs,
    cost: observation.cost,
    verdict: judgeVerdict(end, hops, onsets),
    summary: summarize(end, hops, onsets),
    end,
    hops,
    onsets,
    limits: [...observation.notes, ...describeMissing(rows, observation), ...describeLimits(rows, links, sizes)],
  };
}

/** "Port unreachable" is a message that hosts limit as routers do (RFC 1812 4.3.2.8), and a search before may have used up the allowance. */
function limitsAnswers({ target }: RouteObservation): boolean {
  return target.via === 'udp';
}

function describeMissing(rows: readonly HopRow[], observation: RouteObservation): string[] {
  const asked = rows.find(({ isTarget }) => isTarget)?.measured ?? [];
  const missing = asked.filter(({ answer }) => answer === null).length;
  if (missing === 0 || !limitsAnswers(observation)) return [];
  return [
    `Loss: ${missing} of ${asked.length} packets to the target had no answer, which may be no loss, as hosts limit the messages ` +
      'that refuse UDP; --via icmp or --via tcp tells',
  ];
}

interface Parts {
  readonly observation: RouteObservation;
  readonly sizes: ProbeSizes;
  readonly links: readonly LinkRate[];
  readonly isMultipath: boolean;
}

function composeHops(rows: readonly HopRow[], { observation, sizes, links, isMultipath }: Parts): RouteHop[] {
  const samples = [...observation.found, ...observation.measured];
  const mtus = estimateHopMtus(samples, rows.length, observation.port.mtuBytes);
  const losses = estimateHopLosses(rows);
  const slow = findSlowHops(rows, sizes.smallBytes);
  return rows.map((row, i) => {
    const mtu = mtus[i] ?? null;
    const link = links.find(({ ttl }) => ttl === row.ttl);
    const before = { previous: rows[i - 1] ?? null, previousMtu: mtus[i - 1] ?? null };
    const limitsAnswers = losses[i]?.limitsAnswers ?? false;
    return {
      ttl: row.ttl,
      addresses: row.addresses,
      isTarget: row.isTarget,
      loss: losses[i]?.estimate ?? null,
      delay: computeHopDelay(row, sizes.smallBytes),
      mtu,
      link: link?.rate ? { since: link.since, rate: link.rate } : null,
      labels: row.all.find(({ answer }) => (answer?.labels.length ?? 0) > 0)?.answer?.labels ?? [],
      notes: describeHop({ row, mtu, ...before, limitsAnswers, isSlow: slow.has(row.ttl), isMultipath }),
    };
  });
}

function describeLimits(rows: readonly HopRow[], links: readonly LinkRate[], sizes: ProbeSizes): string[] {
  const measuredRows = rows.filter(({ measured }) => measured.length > 0);
  if (measuredRows.length === 0) return [];
  if (sizes.largeBytes === null) return ['Links: the path passes too few sizes to tell rates'];
  const limits: string[] = [];
  const unclear = links.filter(({ rate }) => rate === null).length;
  const last = rows.at(-1);
  if (links.length === 0)
    limits.push('Links: no hop answered both sizes often enough and equally long, so no rate can be told');
  else if (unclear > 0)
    limits.push(`Links: ${unclear} of ${links.length} are too fast, or answers too uneven, to tell their rates`);
  if (links.length > 0 && last !== undefined && links.at(-1)?.ttl !== last.ttl) {
    limits.push(
      `Links: nothing is said of those behind hop ${links.at(-1)?.ttl ?? 0}: answers there are not equally long`,
    );
  }
  return limits;
}
