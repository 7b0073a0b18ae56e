// Our prober as a contender of the round-trip bench: isochronous probes to a target that runs the reflector.
// Arguments: TARGET COUNT INTERVAL-NS SIZE-BYTES. Prints how it went and every round-trip time, as JSON.
import { openNative } from '../../../src/prober/native/open-native.js';
import { computeRoundTrips } from '../../../src/analysis/estimators/round-trip-times.js';

const [target = '', count = '0', intervalNs = '0', sizeBytes = '0'] = process.argv.slice(2);

const signal = new AbortController().signal;
const prober = await openNative({ target, via: 'auto' }, signal);
const trace = await prober.run(
  {
    id: 'bench',
    pattern: {
      kind: 'isochronous',
      count: Number(count),
      intervalNs: Number(intervalNs),
      sizeBytes: Number(sizeBytes),
    },
    dscp: 0,
    dontFragment: true,
    lingerNs: 100e6,
  },
  { signal, budget: { maxPackets: 1e6, maxBytes: 1e9 } },
);
await prober.close();
const answer = { via: prober.path.target.via, stamps: trace.stamps, rttNs: [...computeRoundTrips(trace).rttNs] };
process.stdout.write(`${JSON.stringify(answer)}\n`);
