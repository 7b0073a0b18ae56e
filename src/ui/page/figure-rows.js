// The figures of a report as a table: one row a quantity, in the order of the command line, and a column for each direction that
// could be told apart.
import { describeEstimate, formatCount, formatTime, formatTimeRanged } from './figures.js';
import { makeHint, makeTable, NOT_MEASURED } from './tables.js';

/** Null when nothing was measured. */
export function makeFigures(estimates) {
  const rows = [...rateRows(estimates), ...lossRows(estimates), ...delayRows(estimates), ...packetRows(estimates)];
  const hasReverse = rows.some(({ reverse }) => reverse !== undefined);
  const toCells = ({ forward, reverse }) => {
    if (!hasReverse) return [forward];
    return reverse === undefined ? [{ ...forward, columns: 2 }] : [forward, reverse];
  };
  const directions = hasReverse ? 'Forward is to the target, reverse the way back. ' : '';
  return makeTable({
    title: 'Figures',
    kind: 'quantities',
    heads: ['Quantity', ...(hasReverse ? ['Forward', 'Reverse'] : ['Value'])],
    rows: rows.map((row) => ({ head: row.name, cells: toCells(row) })),
    after: [makeHint(`${directions}Below a value: its 95 % interval, or what it is made of.`)],
  });
}

const cellOf = (estimate, kind) => (estimate ? describeEstimate(estimate, kind) : NOT_MEASURED);

/** Where directions cannot be told apart, `forward` holds the figure of the round trip and stands alone. */
function pairRow(name, { forward, reverse }, makeCell) {
  if (!forward && !reverse) return [];
  const row = { name, forward: forward ? makeCell(forward) : NOT_MEASURED };
  return [reverse ? { ...row, reverse: makeCell(reverse) } : row];
}

function rateRows({ capacity, available, utilization, maximum }) {
  return [
    ['Capacity', capacity, 'rate'],
    ['Available', available, 'rate'],
    ['In use', utilization, 'ratio'],
    ['Maximum', maximum, 'rate'],
  ].flatMap(([name, pair, kind]) => pairRow(name, pair, (estimate) => cellOf(estimate, kind)));
}

function lossRows({ loss, lossRuns, lossEpisodes }) {
  const isApart = Boolean(loss.forward && loss.reverse);
  const apart = isApart ? pairRow('Loss', loss, (estimate) => cellOf(estimate, 'ratio')) : [];
  const whole = loss.roundTrip && { name: 'Loss, round trip', forward: cellOf(loss.roundTrip, 'ratio') };
  const runs = lossRuns && {
    name: 'Lost in a row',
    forward: {
      value: `${lossRuns.meanLength.toFixed(1)} packets`,
      small: `${formatRange(lossRuns.intervals.meanLength, 1)} on average · at most ${lossRuns.maxLength} packets`,
    },
  };
  const episodes = lossEpisodes && { name: 'Episodes of loss last', forward: cellOf(lossEpisodes.durationNs, 'time') };
  return [...apart, whole, runs, episodes].filter(Boolean);
}

function delayRows({ rtt, oneWay, queueing, propagation, serialisation, jitter }) {
  const oneWayName = oneWay.isAbsolute ? 'One way' : 'Variation, one way';
  const zero = oneWay.isAbsolute ? '' : 'above its smallest · ';
  const variation = pairRow(oneWayName, oneWay, (delay) => ({
    value: formatTime(delay.p50Ns),
    small: `${zero}${describeQuantiles(delay)}`,
  }));
  const rows = [
    rtt && { name: 'Delay, round trip', forward: delayCell(rtt) },
    queueing && {
      name: 'Queueing',
      forward: { value: formatTime(queueing.p50Ns), small: describeQuantiles(queueing) },
    },
    propagation && { name: 'Propagation', forward: cellOf(propagation, 'time') },
    serialisation && { name: 'Serialisation', forward: cellOf(serialisation, 'perByte') },
    jitter && { name: 'Jitter', forward: jitterCell(jitter) },
    oneWay.clockSkewPpm && { name: "Far clock's rate", forward: cellOf(oneWay.clockSkewPpm, 'ppm') },
  ];
  return [...variation, ...rows.filter(Boolean)];
}

/** In brackets behind each: its 95 % interval. */
const describeQuantiles = ({ p50Ns, p95Ns, p99Ns, intervals }) =>
  [
    `half below ${formatTimeRanged(p50Ns, intervals.p50Ns)}`,
    `95 % below ${formatTimeRanged(p95Ns, intervals.p95Ns)}`,
    `99 % below ${formatTimeRanged(p99Ns, intervals.p99Ns)}`,
  ].join(' · ');

function delayCell(delay) {
  const ends = `least ${formatTime(delay.minNs)} · most ${formatTime(delay.maxNs)}`;
  return {
    value: formatTime(delay.p50Ns),
    small: `${describeQuantiles(delay)} · ${ends} · ${formatCount(delay.samples)} samples`,
  };
}

function jitterCell({ rfc3550Ns, ipdvP99Ns, pdvP99Ns, intervals }) {
  const mean = `RFC 3550, ${formatTimeRanged(rfc3550Ns, intervals.rfc3550Ns)}`;
  const neighbours = `99 % of neighbours differ by less than ${formatTimeRanged(ipdvP99Ns, intervals.ipdvP99Ns)}`;
  const variation = `99 % of variation below ${formatTimeRanged(pdvP99Ns, intervals.pdvP99Ns)}`;
  return { value: formatTime(rfc3550Ns), small: `${mean} · ${neighbours} · ${variation}` };
}

function packetRows({ mtu, reordering, duplication, voice }) {
  const rows = [
    mtu && mtuRow(mtu),
    reordering && { name: 'Reordering', forward: cellOf(reordering, 'ratio') },
    duplication && { name: 'Duplicates', forward: cellOf(duplication, 'ratio') },
    voice && {
      name: 'Voice',
      forward: {
        value: `MOS ${voice.mos.toFixed(1)} of 4.4`,
        small: `${formatRange(voice.intervals.mos, 2)} · R factor ${voice.rFactor.toFixed(0)} of 94`,
      },
    },
  ];
  return rows.filter(Boolean);
}

/** Outward, as all intervals. */
function formatRange({ low, high }, decimals) {
  const scale = 10 ** decimals;
  return `${Math.floor(low * scale) / scale} to ${Math.ceil(high * scale) / scale}`;
}

function mtuRow(mtu) {
  const { forwardBytes, reverseBytes, failedBytes } = mtu;
  const forward = { value: describeLimit(forwardBytes, failedBytes.forward), small: describeReason(mtu) };
  if (reverseBytes === null) return { name: 'Path MTU', forward };
  return { name: 'Path MTU', forward, reverse: { value: describeLimit(reverseBytes, failedBytes.reverse) } };
}

/** "1400 to 1479 bytes" where the search ended before it was known to the byte. */
function describeLimit(passedBytes, failedBytes) {
  const isOpen = failedBytes !== null && failedBytes > passedBytes + 1;
  return isOpen ? `${passedBytes} to ${failedBytes - 1} bytes` : `${passedBytes} bytes`;
}

function describeReason({ isAnnounced, announcement, fragmentsPass }) {
  if (isAnnounced === null) return null;
  const refused = announcement?.mtuBytes === null ? 'refused more and named no size' : 'said so';
  const who = announcement === null ? 'nobody said so: a black hole' : `${announcement.from} ${refused}`;
  if (fragmentsPass === null) return who;
  return `${who} · ${fragmentsPass ? 'larger packets pass in fragments' : 'fragments are lost, too'}`;
}
