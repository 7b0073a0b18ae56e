#!/usr/bin/env node
// apparenet-as: the entry of the service unit of the analysis server. The same as `apparenet run --only as`, in less memory.
import { runPartProcess } from './parts/part-process.js';

await runPartProcess('as');
