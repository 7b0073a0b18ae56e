// What this machine is: maker, processor, system, through systeminformation. It starts programs and waits, so it is asked once, by a
// person's question and never on the way of a packet; the answer is bounded in time.

export interface Inventory {
  /** Maker and model; null where the firmware does not tell. */
  readonly machine: string | null;
  readonly serialNumber: string | null;
  readonly processor: string | null;
  /** Distribution with its release, and the kernel's. */
  readonly system: string | null;
  readonly kernel: string | null;
}

/** What firmware says that nobody filled in, and what the package says of a thing it does not know. */
const NOTHING = /^(|-|none|default string|system product name|to be filled by o\.e\.m\.|not specified|unknown)$/i;

let known: Promise<Inventory> | undefined;

/** null where the machine does not tell within `timeoutMs`; later questions are answered from memory. */
export async function readInventory(timeoutMs: number): Promise<Inventory | null> {
  known ??= askMachine();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([known, patience]);
  } finally {
    clearTimeout(timer);
  }
}

async function askMachine(): Promise<Inventory> {
  const { system, cpu, osInfo } = await import('systeminformation');
  const [board, processor, os] = await Promise.all([system(), cpu(), osInfo()]);
  return {
    machine: join(board.manufacturer, board.model),
    serialNumber: join(board.serial),
    processor: join(processor.manufacturer, processor.brand),
    system: join(os.distro, os.release),
    kernel: join(os.kernel),
  };
}

function join(...words: readonly string[]): string | null {
  const told = words.map((word) => word.trim()).filter((word) => !NOTHING.test(word));
  return told.length === 0 ? null : told.join(' ');
}
