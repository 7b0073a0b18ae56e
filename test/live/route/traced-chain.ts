// What the live tests of `apparenet path` share: a chain of routers, and the command run at its near end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import type { HopNote, RouteReport } from '../../../src/model/route.js';
import { assertValidRoute } from '../../unit/route/route-schema.js';
import { createRouterChain, type RouterChain } from '../router-chain.js';
import { APPARENET, liveSkip } from '../test-path.js';

export const skip: string | false =
  liveSkip !== false ? liveSkip : hasRawSocket() ? false : 'needs the package raw-socket, built for this Node.js';

function hasRawSocket(): boolean {
  try {
    createRequire(import.meta.url)('raw-socket');
    return true;
  } catch {
    return false;
  }
}

const hasNft = spawnSync('nft', ['--version']).status === 0;
export const nftSkip: string | false = skip !== false ? skip : hasNft ? false : 'needs nft';

export interface Seen {
  readonly report: RouteReport;
  readonly status: number | null;
}

/** Runs the command in the first namespace. Everything it prints as JSON follows the schema. */
export function trace(chain: RouterChain, ...words: string[]): Seen {
  const command = [process.execPath, APPARENET, 'path', ...words, '--json'];
  const ran = spawnSync('ip', ['netns', 'exec', chain.nodes[0] ?? '', ...command], { encoding: 'utf8' });
  assert.notEqual(ran.stdout, '', ran.stderr);
  const report = JSON.parse(ran.stdout) as RouteReport;
  assertValidRoute(report);
  return { report, status: ran.status };
}

export const addressesOf = ({ hops }: RouteReport): (string | null)[] =>
  hops.map(({ addresses }) => addresses[0]?.address ?? null);
export const kindsAt = ({ hops }: RouteReport, ttl: number): HopNote['kind'][] =>
  hops[ttl - 1]?.notes.map(({ kind }) => kind) ?? [];

/** A chain of four routers for one group of tests. */
export function useChain(routers = 4): { get(): RouterChain } {
  let chain: RouterChain | null = null;
  before(() => void (chain = createRouterChain(routers)));
  after(() => chain?.remove());
  return {
    get() {
      assert.ok(chain);
      return chain;
    },
  };
}

export const SHORT: readonly string[] = ['--max-seconds', '6'];
