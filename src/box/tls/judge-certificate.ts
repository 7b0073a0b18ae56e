// How long the certificate of API and page still counts, and from when on somebody should care. Pure.
import { X509Certificate } from 'node:crypto';
import type { CertificateHealth, HealthConcern } from '../../model/box-health.js';
import { PERIODS_MS } from '../../model/period-summary.js';
import type { TlsFiles } from './tls-files.js';

/** Time to have one signed by hand; what renews itself has done so a week before its end. */
const SOON_DAYS = { warning: 28, critical: 7 } as const;

export function computeCertificateHealth({ cert, isOwn }: TlsFiles): CertificateHealth {
  return { expiresMs: Date.parse(new X509Certificate(cert).validTo), isOwn: isOwn ?? false };
}

/** `certificate` is null without TLS. */
export function judgeCertificate(certificate: CertificateHealth | null, nowMs: number): readonly HealthConcern[] {
  if (certificate === null) return [];
  const days = Math.floor((certificate.expiresMs - nowMs) / PERIODS_MS.day);
  if (days >= SOON_DAYS.warning) return [];
  const end = new Date(certificate.expiresMs).toISOString().slice(0, 10);
  return [
    {
      subject: 'certificate',
      severity: days < SOON_DAYS.critical ? 'critical' : 'warning',
      text: days < 0 ? `the certificate expired on ${end}` : `the certificate expires on ${end}, in ${days} days`,
      advice: certificate.isOwn
        ? 'The box makes a new one by itself where it may write in its state folder.'
        : 'Renew it, in the same files; browsers and programs refuse the box when it has expired.',
    },
  ];
}
