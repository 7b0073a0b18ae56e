// The prober that another process serves, under the contract of all probers: nothing may get lost on the socket.
import { join } from 'node:path';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { describeProberContract } from '../prober/prober-contract.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

const SCENARIO = { answering: 'healthy', silent: 'unreachable' } as const;

describeProberContract('The remote prober over a simulated one', async (target, context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  await startSimulatedTps(context, socketPath);
  const open = openRemote(socketPath);
  return open({ target: SCENARIO[target], via: 'auto' }, new AbortController().signal);
});
