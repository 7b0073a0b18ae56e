#!/usr/bin/env node
// apparenet-ui: the entry of the service unit of the page's server. The same as `apparenet run --only ui`, in less memory.
import { runPartProcess } from './parts/part-process.js';

await runPartProcess('ui');
