// The import rules of docs/architecture.md. `npm run rooms` checks them; scripts/test calls it.
// Imports go down only. Each room lists what it may import beside itself and model.
const MAY_IMPORT = {
  model: [],
  packet: [],
  sequencer: ['packet'],
  analysis: ['packet'],
  simulator: ['packet'],
  prober: ['packet', 'sequencer', 'analysis', 'simulator', 'box'],
  box: ['packet'],
  server: ['packet', 'sequencer', 'analysis', 'prober', 'box', 'history'],
  history: ['analysis'],
  mqtt: ['analysis', 'box'],
  console: ['packet', 'box', 'history', 'mqtt'],
  ui: [],
  cli: ['packet', 'sequencer', 'analysis', 'simulator', 'prober', 'box', 'history'],
};
const PURE = '^src/(model|packet|analysis|simulator)/|^src/sequencer/(patterns/|schedule\\.ts)';
// The only files that touch the native engine.
const DEVICE_ADAPTERS =
  '^src/prober/native/|^src/sequencer/reflector/adapter\\.ts|^src/box/native-host\\.ts|^test/|^device/';

const rooms = Object.entries(MAY_IMPORT).map(([room, others]) => ({
  name: `room-${room}`,
  comment: `src/${room} may import ${[room, 'model', ...others].join(', ')} and nothing else of src`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, 'model', ...others].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'pure-rooms-have-no-io',
      comment: 'Pure rooms import no node:* module',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rooms-have-no-packages',
      comment: 'Pure rooms import no package but sketches-js, which only counts',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['npm', 'npm-dev'], pathNot: 'node_modules/@datadog/sketches-js/' },
    },
    {
      name: 'pure-patterns-stay-pure',
      comment: 'The pure half of the sequencer does not import its other half',
      severity: 'error',
      from: { path: '^src/(simulator|analysis)/|^src/sequencer/(patterns/|schedule\\.ts)' },
      to: { path: '^src/sequencer/', pathNot: '^src/sequencer/(patterns/|schedule\\.ts)' },
    },
    {
      name: 'device-only-through-adapters',
      severity: 'error',
      from: { pathNot: DEVICE_ADAPTERS },
      to: { path: '^device/' },
    },
    {
      name: 'nothing-imports-main-or-tests',
      severity: 'error',
      from: { path: '^(src|device)/', pathNot: '^src/main/' },
      to: { path: '^(src/main|test)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    // What the page imports as ./model/ its server serves from src/model (src/ui/page-files.ts).
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^\\./model/' } },
    {
      name: 'no-dev-packages-in-the-product',
      severity: 'error',
      from: { path: '^(src|device)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
