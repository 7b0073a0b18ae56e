// Takes over a certificate that was renewed, by whoever it was, without a restart: the box's own, which is made anew where an address
// is missing in it or its end is near, and files that were replaced.
import { ApparenetError } from '../../model/errors.js';
import type { TlsFiles } from '../../box/tls/tls-files.js';
import type { ChosenTls } from './choose-tls.js';

export interface FollowTlsOptions {
  /** Absent, or without TLS, there is nothing to follow. */
  readonly chosen: ChosenTls | undefined;
  readonly renew: (tls: TlsFiles) => void;
  /** One sentence: what is new, or why what was there goes on; once each. */
  readonly tell: (sentence: string) => void;
}

export interface FollowedTls {
  /** Looks now. Never rejects but with a defect. */
  look(): Promise<void>;
  close(): void;
}

/** Addresses change and certificates are renewed a few times a year. */
const LOOK_MS = 3_600_000;

export function followTls({ chosen, renew, tell }: FollowTlsOptions): FollowedTls {
  let shown = chosen?.tls ?? null;
  let problem: string | null = null;
  const look = async (): Promise<void> => {
    if (chosen === undefined || shown === null) return;
    try {
      const { tls, notes } = await chosen.again();
      problem = null;
      if (tls === null || (tls.cert === shown.cert && tls.key === shown.key)) return;
      renew(tls);
      shown = tls;
      tell(`a new certificate is shown from now on${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`);
    } catch (error) {
      if (!(error instanceof ApparenetError)) throw error;
      if (problem !== error.message) tell(`the certificate that was there goes on: ${error.message}`);
      problem = error.message;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return { look, close: () => clearInterval(timer) };
}
