// The prober contract over the native prober; run inside the namespace of a test path by native-prober.test.ts.
// Arguments: what answers (stamp, icmp), address of the far end, an address nobody has.
import { openNative } from '../../../src/prober/native/open-native.js';
import type { ViaChoice } from '../../../src/model/path.js';
import { describeProberContract } from '../../contract/prober/prober-contract.js';

const [via = 'icmp', answering = '', silent = ''] = process.argv.slice(2);

describeProberContract(`the native prober by ${via} to ${answering}`, (target) =>
  openNative(
    { target: target === 'answering' ? answering : silent, via: via as ViaChoice },
    new AbortController().signal,
  ),
);
