// A reflector in a process of its own, for tests that start it in a network namespace or as another user.
// argv[2]: StartReflectorOptions as JSON. Prints one JSON line when it has started or could not, then one for each line it is
// sent; ends with its stdin.
import { createInterface } from 'node:readline';
import { ApparenetError, PermissionError } from '../../../src/model/errors.js';
import { startReflector, type StartReflectorOptions } from '../../../src/sequencer/reflector/adapter.js';

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

try {
  const reflector = startReflector(JSON.parse(process.argv[2] ?? '{}') as StartReflectorOptions);
  print({ udpPorts: reflector.udpPorts, notes: reflector.notes });
  for await (const line of createInterface(process.stdin)) {
    print({ asked: line, counters: reflector.counters(), problem: reflector.problem() });
  }
  await reflector.close();
} catch (error) {
  if (!(error instanceof ApparenetError)) throw error;
  print({ code: error.code, message: error.message, remedy: error instanceof PermissionError ? error.remedy : null });
}
