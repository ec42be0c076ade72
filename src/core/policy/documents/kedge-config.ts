import { z } from 'zod';
import { isJsonObject } from '../../model/json.ts';
import { DurationField, TimerField } from './fields.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A secret of the configuration: a reference, never its value. */
export const SecretReference = z.json().superRefine((value, context) => {
  if (isJsonObject(value) && ['env', 'file', 'kubernetesSecret'].some((source) => Object.hasOwn(value, source))) return;
  context.addIssue({
    code: 'custom',
    message: 'a secret must be {env: NAME}, {file: PATH} or {kubernetesSecret: …}, never its value',
    params: { kedge: 'SECRET_LITERAL' },
  });
});

const Registry = z.union([
  z.strictObject({ files: z.array(z.string()).min(1), bounds: z.json().optional() }),
  z.strictObject({
    git: z.strictObject({ repo: z.string(), ref: z.string().optional(), path: z.string().optional() }),
    bounds: z.json().optional(),
  }),
  z.strictObject({ kubernetes: z.strictObject({ namespaces: z.array(z.string()) }), bounds: z.json().optional() }),
]);

/** Every key of `kedge.yaml` that this version reads, with its default. */
export const KedgeConfigSpec = z.strictObject({
  registries: z.array(Registry).default([{ files: ['kedge/**/*.yaml', 'kedge/**/*.yml'] }]),
  registryPoll: TimerField.default(MINUTE),
  store: z
    .strictObject({
      url: SecretReference.optional(),
      poolSize: z.int().min(2).max(100).default(10),
      migrate: z.enum(['auto', 'manual']).optional(),
      retention: z
        .strictObject({
          inputs: DurationField.default(90 * DAY),
          observations: DurationField.default(7 * DAY),
          checks: DurationField.default(400 * DAY),
          findings: DurationField.default(400 * DAY),
          auditEvents: DurationField.default(90 * DAY),
          deliveries: DurationField.default(30 * DAY),
        })
        .prefault({}),
    })
    .prefault({}),
  metrics: z
    .strictObject({ listen: z.string().default('127.0.0.1:7411'), perUnit: z.boolean().default(true) })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['json', 'text']).optional(),
    })
    .prefault({}),
  access: z
    .strictObject({
      aliases: z.record(z.string(), z.array(z.string())).default({}),
      localApprovals: z.boolean().default(false),
    })
    .prefault({}),
  credentials: z.strictObject({ env: z.array(z.string()).default([]) }).prefault({}),
  worker: z.strictObject({ concurrency: z.int().min(1).max(64).default(4) }).prefault({}),
  check: z.strictObject({ timeout: TimerField.default(10 * MINUTE) }).prefault({}),
  shutdown: z
    .strictObject({ grace: TimerField.default(30_000), actionGrace: TimerField.default(120_000) })
    .prefault({}),
  policy: z
    .strictObject({
      flapWindow: DurationField.default(24 * HOUR),
      verifyWithin: DurationField.default(30 * MINUTE),
      quarantineHours: z.number().positive().default(72),
      pendingAtMost: DurationField.default(30 * MINUTE),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      dir: z.string().optional(),
      origin: z.string().optional(),
      signingKey: SecretReference.optional(),
      redactionKey: SecretReference.optional(),
      checkpointEvery: TimerField.default(MINUTE),
      maxRetention: DurationField.default(10 * 365 * DAY),
    })
    .prefault({}),
});
export type KedgeConfigSpec = z.infer<typeof KedgeConfigSpec>;
