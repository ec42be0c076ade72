/** One option of a command, as help, completion and the reference print it. */
export interface OptionRow {
  /** Commander's notation: `-o, --output <FMT>`. */
  readonly flags: string;
  readonly text: string;
  readonly fallback?: string;
  readonly choices?: readonly string[];
  readonly repeatable?: boolean;
}

/** One command: the only place where its name, arguments and options stand. */
export interface CommandRow {
  readonly path: readonly string[];
  /** Commander's notation: `[UNIT...]`. */
  readonly arguments?: string;
  readonly group: 'Start' | 'Detect' | 'Act' | 'Govern' | 'Prove' | 'Run' | 'Adapters';
  readonly summary: string;
  readonly options: readonly OptionRow[];
  /** Output formats beside the global ones. */
  readonly formats?: readonly string[];
  readonly example: string;
  /** A signal is how it is told to end: its own code stands. */
  readonly endsBySignal?: boolean;
  readonly load: () => Promise<{ readonly run: CommandRun }>;
}

/** Runs a command and says with which code the process ends. */
export type CommandRun = (invocation: import('./invocation.ts').Invocation) => Promise<number>;

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionRow[] = [
  { flags: '--config <FILE>', text: 'configuration; else kedge.yaml, looked for upwards' },
  { flags: '-o, --output <FMT>', text: 'format of the result on stdout', fallback: 'table' },
  { flags: '--report <FMT=FILE>', text: 'write the result to a file as well', repeatable: true },
  { flags: '--color <WHEN>', text: 'colour on the terminal', fallback: 'auto', choices: ['auto', 'always', 'never'] },
  { flags: '--ascii', text: 'symbols in ASCII' },
  { flags: '--utc', text: 'times in UTC' },
  { flags: '-q, --quiet', text: 'only the result and errors' },
  { flags: '-v, --verbose', text: 'more; twice: debug', repeatable: true },
  { flags: '--log-format <FMT>', text: 'format of log lines', choices: ['text', 'json'] },
  { flags: '--progress <HOW>', text: 'progress on stderr', fallback: 'auto', choices: ['auto', 'plain', 'none'] },
  { flags: '-y, --yes', text: 'answer yes to every question' },
];

const REASON: OptionRow = { flags: '--reason <TEXT>', text: 'why; goes into evidence' };
const FINDING_FILTERS: readonly OptionRow[] = [
  { flags: '--unit <NAME>', text: 'of these units', repeatable: true },
  { flags: '--state <STATE>', text: 'in these states', repeatable: true },
  { flags: '--risk <RISK>', text: 'of these risks', repeatable: true },
  { flags: '--class <CLASS>', text: 'of these drift classes', repeatable: true },
  { flags: '--owner <OWNER>', text: 'of these owners', repeatable: true },
  { flags: '--all', text: 'closed ones too' },
];

/** Every command this version has. */
export const COMMANDS: readonly CommandRow[] = [
  {
    path: ['demo'],
    group: 'Start',
    summary: 'Walk the whole loop on two real PostgreSQL servers; every claim is asserted',
    example: 'kedge demo',
    options: [
      { flags: '--keep', text: 'keep the folder with documents, store and evidence' },
      { flags: '--step', text: 'wait for Enter after each step' },
    ],
    load: () => import('./commands/demo.ts'),
  },
  {
    path: ['explain'],
    arguments: '<FINDING|TERM>',
    group: 'Start',
    summary: 'Say why a finding was decided so, or what a code or word means',
    example: 'kedge explain drift-20260703-000184',
    options: [],
    load: () => import('./commands/explain.ts'),
  },
  {
    path: ['doctor'],
    group: 'Start',
    summary: 'Look at the installation: configuration, store, keys, evidence',
    example: 'kedge doctor',
    options: [],
    load: () => import('./commands/doctor.ts'),
  },
  {
    path: ['check'],
    arguments: '[UNIT...]',
    group: 'Detect',
    summary: 'Look for drift now; reads only',
    example: 'kedge check payments-db -o json',
    formats: ['sarif', 'junit'],
    load: () => import('./commands/check.ts'),
    options: [
      { flags: '--selector <K=V>', text: 'units with environment, owner, type, riskTier or label', repeatable: true },
      { flags: '--resource <REF>', text: 'only these resources', repeatable: true },
      { flags: '--concurrency <N>', text: 'units at once', fallback: '4' },
      { flags: '--timeout <DURATION>', text: 'deadline of one unit' },
      { flags: '--deadline <DURATION>', text: 'deadline of all' },
      { flags: '--fail-on <RISK>', text: 'least risk that sets exit code 2' },
      { flags: '--baseline <FILE>', text: 'known drift, which sets no exit code' },
      { flags: '--write-baseline <FILE>', text: 'write what is found as known' },
      { flags: '--ephemeral', text: 'a store that ends with the command' },
      { flags: '--evidence-dir <DIR>', text: 'where evidence goes' },
      { flags: '--keep-going', text: 'check the good units when a document is bad' },
      { flags: '--allow-empty', text: 'no unit selected is no error' },
      { flags: '--exit-zero', text: 'exit 0 where it would be 2 or 3' },
      { flags: '--show <WHAT>', text: 'suppressed, accepted, noise', repeatable: true },
      {
        flags: '--lock-timeout <DURATION>',
        text: 'how long to wait for a unit another process checks',
        fallback: '30s',
      },
    ],
  },
  {
    path: ['units', 'list'],
    group: 'Detect',
    summary: 'List units with status and next check',
    example: 'kedge units list',
    options: [],
    load: () => import('./commands/units-list.ts'),
  },
  {
    path: ['units', 'show'],
    arguments: '<UNIT>',
    group: 'Detect',
    summary: 'Show the contract of a unit and what is known of it',
    example: 'kedge units show payments-db -o yaml',
    options: [],
    load: () => import('./commands/units-show.ts'),
  },
  {
    path: ['units', 'doctor'],
    arguments: '<UNIT>',
    group: 'Detect',
    summary: 'Ask the watched system who we are there and what we may; never tries a write',
    example: 'kedge units doctor payments-db',
    options: [],
    load: () => import('./commands/units-doctor.ts'),
  },
  {
    path: ['units', 'hold'],
    arguments: '<UNIT>',
    group: 'Detect',
    summary: 'Stop every action on a unit until it is released',
    example: 'kedge units hold payments-db --reason "failover under way"',
    options: [REASON],
    load: () => import('./commands/units-hold.ts'),
  },
  {
    path: ['units', 'release'],
    arguments: '<UNIT>',
    group: 'Detect',
    summary: 'End a hold',
    example: 'kedge units release payments-db --reason "failover done"',
    options: [REASON],
    load: () => import('./commands/units-hold.ts'),
  },
  {
    path: ['findings', 'list'],
    group: 'Detect',
    summary: 'List findings',
    example: 'kedge findings list --risk CRITICAL',
    options: FINDING_FILTERS,
    load: () => import('./commands/findings-list.ts'),
  },
  {
    path: ['findings', 'show'],
    arguments: '<FINDING>',
    group: 'Detect',
    summary: 'Show one finding with its planes and timeline',
    example: 'kedge findings show drift-20260703-000184',
    options: [],
    load: () => import('./commands/findings-show.ts'),
  },
  {
    path: ['plan'],
    arguments: '<FINDING...>',
    group: 'Act',
    summary: 'Show exactly what an action would write, and whose consent it needs',
    example: 'kedge plan drift-20260703-000184',
    options: [{ flags: '--action <ACTION>', text: 'another action than the recommended one' }],
    load: () => import('./commands/plan.ts'),
  },
  {
    path: ['reconcile'],
    arguments: '<FINDING...>',
    group: 'Act',
    summary: 'Request an action, or run one that was approved',
    example: 'kedge reconcile drift-20260703-000184 --reason "put back as declared" --wait',
    load: () => import('./commands/reconcile.ts'),
    options: [
      { flags: '--action <ACTION>', text: 'another action than the recommended one' },
      REASON,
      { flags: '--dry-run', text: 'show the plan, write nothing' },
      { flags: '--wait', text: 'wait for consent and verification' },
    ],
  },
  {
    path: ['actions', 'list'],
    group: 'Act',
    summary: 'List actions',
    example: 'kedge actions list',
    options: [{ flags: '--finding <ID>', text: 'of one finding' }],
    load: () => import('./commands/actions-list.ts'),
  },
  {
    path: ['approvals', 'list'],
    group: 'Act',
    summary: 'List approvals that wait',
    example: 'kedge approvals list',
    options: [{ flags: '--all', text: 'ended ones too' }],
    load: () => import('./commands/approvals-list.ts'),
  },
  {
    path: ['approvals', 'show'],
    arguments: '<APPROVAL>',
    group: 'Act',
    summary: 'Show what would be done, its digest and who may consent',
    example: 'kedge approvals show 01J…',
    options: [],
    load: () => import('./commands/approvals-list.ts'),
  },
  {
    path: ['approvals', 'approve'],
    arguments: '<APPROVAL>',
    group: 'Act',
    summary: 'Consent to exactly one digest',
    example: 'kedge approvals approve 01J… --digest sha256:… --reason "looked at the plan"',
    options: [{ flags: '--digest <DIGEST>', text: 'the digest you looked at' }, REASON],
    load: () => import('./commands/approvals-vote.ts'),
  },
  {
    path: ['approvals', 'reject'],
    arguments: '<APPROVAL>',
    group: 'Act',
    summary: 'Refuse',
    example: 'kedge approvals reject 01J… --digest sha256:… --reason "not now"',
    options: [{ flags: '--digest <DIGEST>', text: 'the digest you looked at' }, REASON],
    load: () => import('./commands/approvals-vote.ts'),
  },
  {
    path: ['lint'],
    arguments: '[PATH...]',
    group: 'Govern',
    summary: 'Check every document; all faults at once',
    example: 'kedge lint',
    options: [{ flags: '--strict', text: 'notes and warnings are errors' }],
    load: () => import('./commands/lint.ts'),
  },
  {
    path: ['evidence', 'show'],
    arguments: '<FINDING>',
    group: 'Prove',
    summary: 'Answer the ten questions about a finding from its evidence alone',
    formats: ['markdown'],
    example: 'kedge evidence show drift-20260703-000184',
    options: [],
    load: () => import('./commands/evidence-show.ts'),
  },
  {
    path: ['evidence', 'export'],
    arguments: '<FINDING>',
    group: 'Prove',
    summary: 'Write everything an auditor needs to verify a finding offline into one archive',
    example: 'kedge evidence export drift-20260703-000184 -o evidence.tar --since cp.txt',
    options: [
      { flags: '-o, --output <FILE>', text: 'the archive to write' },
      { flags: '--since <FILE>', text: 'prove that this older checkpoint is a beginning of the log', repeatable: true },
    ],
    load: () => import('./commands/evidence-export.ts'),
  },
  {
    path: ['evidence', 'verify'],
    arguments: '<FILE>',
    group: 'Prove',
    summary: 'Verify an archive offline: it opens no connection and no other file',
    example: 'kedge evidence verify evidence.tar --trust vkey.txt --checkpoint cp.txt',
    options: [
      { flags: '--trust <FILE>', text: 'the keys you pinned, one `<vkey> [upTo=<index>]` a line' },
      { flags: '--checkpoint <FILE>', text: 'a checkpoint you kept', repeatable: true },
      { flags: '--leaves <DIR>', text: 'a copy of the folder log/<n>/, to prove that nothing later is left out' },
      { flags: '--strict', text: 'warnings make the archive incomplete' },
      { flags: '--html <FILE>', text: 'write the page of the ten answers anew from what was verified' },
    ],
    load: () => import('./commands/evidence-verify.ts'),
  },
  {
    path: ['evidence', 'verify-log'],
    arguments: '<DIR>',
    group: 'Prove',
    summary: 'Verify a copy of the folder log/<n>/ against its checkpoint',
    example: 'kedge evidence verify-log log/1 --trust vkey.txt --from cp.txt --full',
    options: [
      { flags: '--trust <FILE>', text: 'the keys you pinned, one `<vkey> [upTo=<index>]` a line' },
      { flags: '--from <FILE>', text: 'an older checkpoint that must be a beginning of the log' },
      { flags: '--to <FILE>', text: 'the checkpoint to verify against, instead of the one in the folder' },
      { flags: '--full', text: 'hash every leaf instead of trusting the hashes beside them' },
    ],
    load: () => import('./commands/evidence-verify-log.ts'),
  },
  {
    path: ['evidence', 'checkpoint'],
    group: 'Prove',
    summary: 'Print the last checkpoint, to be kept elsewhere',
    example: 'kedge evidence checkpoint > cp.txt',
    options: [],
    load: () => import('./commands/evidence-checkpoint.ts'),
  },
  {
    path: ['evidence', 'keys'],
    group: 'Prove',
    summary: 'Print the verifier key to pin',
    example: 'kedge evidence keys > vkey.txt',
    options: [],
    load: () => import('./commands/evidence-keys.ts'),
  },
  {
    path: ['serve'],
    group: 'Run',
    summary: 'Check every unit when it is due, heal what may heal, run what was approved',
    example: 'kedge serve',
    options: [],
    endsBySignal: true,
    load: () => import('./commands/serve.ts'),
  },
  {
    path: ['store', 'status'],
    group: 'Run',
    summary: 'Show where the store is and whether it answers',
    example: 'kedge store status',
    options: [],
    load: () => import('./commands/store-status.ts'),
  },
  {
    path: ['store', 'migrate'],
    group: 'Run',
    summary: 'Bring the schema of the store up to this version',
    example: 'kedge store migrate',
    options: [],
    load: () => import('./commands/store-migrate.ts'),
  },
  {
    path: ['config', 'show'],
    group: 'Run',
    summary: 'Show every key of the configuration',
    example: 'kedge config show --origin',
    options: [{ flags: '--origin', text: 'and where its value comes from' }],
    load: () => import('./commands/config-show.ts'),
  },
  {
    path: ['config', 'validate'],
    group: 'Run',
    summary: 'Check the configuration',
    example: 'kedge config validate',
    options: [],
    load: () => import('./commands/config-show.ts'),
  },
  {
    path: ['schema'],
    arguments: '[KIND]',
    group: 'Run',
    summary: 'List the kinds of documents, or print the JSON Schema of one',
    example: 'kedge schema IgnoreRule',
    options: [],
    load: () => import('./commands/schema.ts'),
  },
  {
    path: ['completion'],
    arguments: '<SHELL>',
    group: 'Run',
    summary: 'Print a completion script for bash, zsh or fish',
    example: 'kedge completion bash > /etc/bash_completion.d/kedge',
    options: [],
    load: () => import('./commands/completion.ts'),
  },
  {
    path: ['version'],
    group: 'Run',
    summary: 'Print the version',
    example: 'kedge version',
    options: [],
    load: () => import('./commands/version.ts'),
  },
  {
    path: ['db', 'grants'],
    arguments: '<UNIT>',
    group: 'Adapters',
    summary: 'Print the SQL of a role with the least rights; never runs it',
    example: 'kedge db grants payments-db --role observer',
    options: [{ flags: '--role <ROLE>', text: 'for whom', fallback: 'observer', choices: ['observer', 'actuator'] }],
    load: () => import('./commands/db-grants.ts'),
  },
];
