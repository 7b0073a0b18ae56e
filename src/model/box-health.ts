// How the box itself is: what may limit a result, or end the box's life before its time. How it is read is box/health.

export interface Temperature {
  /** The sensor's name as its driver gives it. */
  readonly sensor: string;
  readonly celsius: number;
  /** Where the hardware protects itself by slowing down or switching off; null where the driver does not tell. */
  readonly criticalCelsius: number | null;
}

export interface MemoryHealth {
  readonly totalBytes: number;
  /** What programs may still have without swapping; caches that can be given back count. */
  readonly availableBytes: number;
}

export interface StorageHealth {
  /** The folder that was asked about, and what it lies on. */
  readonly folder: string;
  readonly fileSystem: string;
  readonly device: string | null;
  readonly totalBytes: number;
  /** What a service may still write. */
  readonly availableBytes: number;
  readonly readOnly: boolean;
  /** Written to the device since the machine started; null where it does not count. */
  readonly writtenBytes: number | null;
  /** Share (0-1) of the flash's life that is used, in steps of a tenth (JESD84-B51); null where it does not tell. */
  readonly wear: number | null;
}

export interface LoadHealth {
  readonly processors: number;
  /** Mean number of programs that ran or waited to, over 1 and 15 minutes. */
  readonly load1: number;
  readonly load15: number;
  /** Share (0-1) of the last minute in which some program waited for a processor, for memory or for storage; null where not told. */
  readonly stalled: { readonly processor: number; readonly memory: number; readonly storage: number } | null;
}

export interface ClockHealth {
  /** null: nobody tells. */
  readonly synchronized: boolean | null;
  readonly service: 'systemd-timesyncd' | 'chrony' | 'ntpd' | null;
  /** The service's bound of the error; null where the kernel does not tell or nobody keeps the clock. */
  readonly maxErrorNs: number | null;
  /** What the kernel reads time from, such as `tsc`; null where not told. */
  readonly source: string | null;
}

/** The certificate that API and page show. */
export interface CertificateHealth {
  /** Unix ms. */
  readonly expiresMs: number;
  /** The box made it for itself, and makes the next one. */
  readonly isOwn: boolean;
}

/** What somebody should do something about, the worst first. */
export interface HealthConcern {
  readonly subject:
    | 'temperature'
    | 'memory'
    | 'storage'
    | 'load'
    | 'clock'
    | 'stamps'
    | 'results'
    | 'certificate'
    | 'configuration'
    | 'history';
  readonly severity: 'info' | 'warning' | 'critical';
  /** One sentence for a person, with the figure. */
  readonly text: string;
  readonly advice: string;
}

export interface BoxHealth {
  readonly temperatures: readonly Temperature[];
  readonly memory: MemoryHealth | null;
  readonly storage: StorageHealth | null;
  readonly load: LoadHealth | null;
  readonly clock: ClockHealth;
  readonly concerns: readonly HealthConcern[];
}
