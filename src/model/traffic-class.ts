// The octet of the IP header that asks for a treatment: DSCP · 4 + ECN (RFC 2474, RFC 3168). Its parts and its names.

export const ECN = { notCapable: 0, ect1: 1, ect0: 2, congestion: 3 } as const;

/** DSCP 0-63, ECN 0-3. */
export function computeTrafficClass(dscp: number, ecn: number): number {
  return 4 * dscp + ecn;
}

export function computeDscp(trafficClass: number): number {
  return trafficClass >> 2;
}

export function computeEcn(trafficClass: number): number {
  return trafficClass & 3;
}

/** Code points with a name of their own: lower effort (RFC 8622), voice admit (RFC 5865), expedited forwarding (RFC 3246). */
const OWN_NAMES: Readonly<Record<number, string>> = { 1: 'LE', 44: 'VA', 46: 'EF' };
const ECN_NAMES: Readonly<Record<number, string>> = { 1: 'ECT(1)', 2: 'ECT(0)', 3: 'CE' };

/** `CS0`, `AF11`, `EF`, `DSCP 5`; with ECN `EF ECT(0)`, and for best effort the ECN alone. */
export function nameTrafficClass(trafficClass: number): string {
  const dscp = computeDscp(trafficClass);
  const ecn = ECN_NAMES[computeEcn(trafficClass)];
  if (ecn === undefined) return nameDscp(dscp);
  return dscp === 0 ? ecn : `${nameDscp(dscp)} ${ecn}`;
}

/** Class selectors are multiples of 8; assured forwarding AFxy is 8x + 2y with x 1-4, y 1-3 (RFC 2597). */
function nameDscp(dscp: number): string {
  const own = OWN_NAMES[dscp];
  if (own !== undefined) return own;
  const group = dscp >> 3;
  const rest = dscp & 7;
  if (rest === 0) return `CS${group}`;
  if (group >= 1 && group <= 4 && rest % 2 === 0) return `AF${group}${rest / 2}`;
  return `DSCP ${dscp}`;
}
