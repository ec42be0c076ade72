const SURFACES = '^src/(cli|server)/';
const TESTS = '(\\.test\\.ts$|^test/)';

/** The walls of the house: who may know whom. Each has a seeded breach in test/breaches that must be found. */
export const walls = [
  {
    name: 'core-is-pure',
    comment: 'core knows nobody else in the house',
    from: { path: '^src/core/', pathNot: TESTS },
    to: { path: '^src/', pathNot: '^src/core/' },
  },
  {
    name: 'core-has-no-io',
    comment: 'core reads and writes nothing: of Node it uses hashes alone, of npm what computes',
    from: { path: '^src/core/', pathNot: TESTS },
    to: {
      dependencyTypesNot: ['local', 'type-only'],
      path: '.',
      pathNot:
        '(^(node:)?crypto$|^src/|node_modules/(zod|canonicalize|croner|modern-tar|@bufbuild/(cel|re2|cel-spec))/)',
    },
  },
  {
    name: 'ports-know-core-alone',
    comment: 'a port says what is promised, not by whom',
    from: { path: '^src/ports/' },
    to: { path: '.', pathNot: '(^src/(core|ports)/|node_modules/zod/)' },
  },
  {
    name: 'engine-names-no-adapter',
    comment: 'the engine orders steps and names no system',
    from: { path: '^src/engine/', pathNot: TESTS },
    to: { path: '^src/(adapters|app|cli|server)/' },
  },
  {
    name: 'adapters-stand-alone',
    comment: 'an adapter knows core, ports and itself',
    from: { path: '^src/adapters/([^/]+)/', pathNot: TESTS },
    to: { path: '^src/(adapters|engine|app|cli|server)/', pathNot: '^src/adapters/$1/' },
  },
  {
    name: 'app-knows-no-surface',
    comment: 'composition does not know who asks for it',
    from: { path: '^src/app/', pathNot: TESTS },
    to: { path: SURFACES },
  },
  {
    name: 'surfaces-name-no-adapter',
    comment: 'surfaces show records; only app names adapters',
    from: { path: SURFACES, pathNot: TESTS },
    to: { path: '^src/adapters/' },
  },
  {
    name: 'server-knows-no-command-line',
    comment: 'the server is started by the command line and does not know it',
    from: { path: '^src/server/', pathNot: TESTS },
    to: { path: '^src/cli/' },
  },
  {
    name: 'reading-never-reaches-writing',
    comment: 'who observes cannot come by who writes',
    from: { path: '^src/adapters/.*/(observer|reader)\\.ts$' },
    to: { path: '^src/adapters/.*/(writer|actuator|transaction)\\.ts$', reachable: true },
  },
  {
    name: 'check-builds-no-writer',
    comment: 'a check has no way to the code that builds an actuator',
    from: { path: '^src/(engine/(check|look|verification|record/.*)|cli/commands/check)\\.ts$' },
    to: {
      path: '^src/engine/(action/(actuator-of|write|intent|prepare)|preview|request|reconcile|heal|pass)\\.ts$',
      reachable: true,
    },
  },
  {
    name: 'no-circles',
    comment: 'no room is reached from itself',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-tests-in-the-product',
    comment: 'the product does not need its tests',
    from: { path: '^src/', pathNot: TESTS },
    to: { path: TESTS },
  },
];

export default {
  forbidden: walls.map((wall) => ({ ...wall, severity: 'error' })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
