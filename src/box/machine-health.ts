// Memory and temperature of the machine, through systeminformation. It may start programs and wait, so it belongs to questions
// that a person asks and never to the path of a packet; the answer is bounded in time.

export interface MachineHealth {
  readonly memoryTotalBytes: number;
  /** In use by programs; caches that can be given back do not count. */
  readonly memoryUsedBytes: number;
  /** Main sensor of the processor; null where there is none. */
  readonly temperatureCelsius: number | null;
}

/** null where the machine does not tell within `timeoutMs`. */
export async function readMachineHealth(timeoutMs: number): Promise<MachineHealth | null> {
  const { cpuTemperature, mem } = await import('systeminformation');
  const health = Promise.all([mem(), cpuTemperature()]).then(([memory, temperature]) => ({
    memoryTotalBytes: memory.total,
    memoryUsedBytes: memory.total - memory.available,
    temperatureCelsius: temperature.main,
  }));
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([health, patience]);
  } finally {
    clearTimeout(timer);
  }
}
