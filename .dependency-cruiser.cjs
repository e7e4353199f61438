/** Imports point one way (ARCHITECTURE.md, "Folders"). */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(electron|renderer)/', pathNot: [from, ...allowed] },
});

const core = ['^electron/contract/', '^electron/phone/'];
const noElectron =
  '^electron/(contract|phone|sip|media|storage|practice-pbx|control)/|^electron/(station|station-host|headless)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('contract-imports-nothing', '^electron/contract/', [], 'the contract is the bottom'),
    only('phone-imports-contract', '^electron/phone/', ['^electron/contract/'], 'the core is pure'),
    {
      name: 'phone-is-pure',
      comment: 'no sockets, no files, no clocks of its own',
      severity: 'error',
      from: { path: '^electron/phone/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    only('sip-imports-core', '^electron/sip/', core, 'sip stands on the core'),
    only('media-imports-core', '^electron/media/', core, 'media stands on the core'),
    only('storage-imports-core', '^electron/storage/', core, 'storage stands on the core'),
    only(
      'control-imports-contract',
      '^electron/control/',
      ['^electron/contract/'],
      'a border of the contract',
    ),
    only('renderer-imports-contract', '^renderer/', ['^electron/contract/'], 'the window is a projection'),
    {
      name: 'plain-node',
      comment: 'everything below desktop runs in plain Node',
      severity: 'error',
      from: { path: noElectron },
      to: {
        path: '(^|/)node_modules/electron(/|$)|^electron(/(common|renderer|utility))?$|^electron/(desktop|main|preload)',
      },
    },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: { path: '^(electron|renderer)/' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
