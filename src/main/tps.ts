#!/usr/bin/env node
// apparenet-tps: the entry of the service unit of the sequencer. The same as `apparenet run --only tps`, in less memory.
import { runPartProcess } from './parts/part-process.js';

await runPartProcess('tps');
