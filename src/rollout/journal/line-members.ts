/** Schemas of what lines hold beside changes: choices, results and verdicts, as far as anything follows them. */
import * as z from 'zod';
import { deploymentMembers, member } from '../changes/members.js';

const { hosted, text, texts } = member;
/** JSON has no other word for what is not finite. */
const figure = z.number().nullable();
const figures = z.record(text, figure);
/** `Date` reads it. */
const time = text.refine((at) => /^\d{4}-/.test(at) && Number.isFinite(Date.parse(at)));

const roles = z.looseObject({ blue: hosted.optional(), green: hosted.optional() });

const model = z.looseObject({
  name: text,
  version: text.optional(),
  folder: text.optional(),
  id: text.optional(),
});
const gates = z.record(text, z.union([z.number(), text, z.looseObject({})])).optional();
const holds = z
  .looseObject({
    minutes: z.number().optional(),
    requests: z.number().optional(),
    approval: z.boolean().optional(),
  })
  .optional();
const reaction = z.enum(['hold', 'rollback']).optional();

/** Looser than a plan file: an earlier version's plan may be against a rule of today. */
const plan = z.looseObject({
  weights: z.array(z.number()),
  evidence: z
    .looseObject({
      csv: text.optional(),
      rows: z.number().optional(),
      seed: z.number().optional(),
      target: text.optional(),
      renames: texts.optional(),
      loadCheck: z.looseObject({}).optional(),
    })
    .optional(),
  mirror: z.looseObject({ percent: z.number(), minutes: z.number() }).optional(),
  gates,
  holds,
  probes: z.looseObject({ count: z.number().optional(), budget: z.number().optional() }).optional(),
  steps: z.array(z.looseObject({ at: z.number(), gates, holds })).optional(),
  checks: z.array(z.looseObject({ name: text, at: z.array(text).optional() })).optional(),
  onFail: reaction,
  onUnwatched: reaction,
  visibleVariables: z.array(text).optional(),
  notify: z.array(z.looseObject({})).optional(),
});

const choice = z.looseObject({
  endpoint: text.optional(),
  blueModel: model.optional(),
  newModel: model.optional(),
  roles: roles.optional(),
  csv: z
    .looseObject({
      path: text,
      rows: z.number(),
      seed: z.number(),
      target: text.optional(),
      renames: texts.optional(),
    })
    .optional(),
  retire: z.enum(['delete', 'scale-to-one', 'keep']).optional(),
  keepUntil: text.optional(),
  plan: plan.optional(),
  planFile: z.looseObject({ name: text, sha256: text }).optional(),
  planReason: z
    .looseObject({ gates: z.array(text), hold: z.number().optional(), reason: text })
    .optional(),
  approvedLosses: z.array(text).optional(),
  holdEnded: z
    .looseObject({
      change: z.number(),
      weight: z.number(),
      why: z.enum(['approved', 'early']),
      reason: text.optional(),
    })
    .optional(),
});

const testResult = z.looseObject({
  purpose: z.enum(['test', 'prove']),
  csv: z.looseObject({
    name: text,
    sha256: text,
    seed: z.number(),
    rows: z.number(),
    rowNumbers: z.array(z.number()),
  }),
  deployments: z.array(text),
  answered: z.number(),
  failed: z.number(),
  agreed: z.number().optional(),
  differing: z.array(z.number()).optional(),
  right: z.record(text, z.number()).optional(),
  medianLatencyMs: figures,
  figures: z
    .looseObject({
      latency: z.looseObject({
        rows: z.array(z.number()),
        ms: z.record(text, z.array(figure)),
      }),
      classes: z
        .looseObject({
          names: z.array(text),
          agreement: z.array(z.array(z.number())),
          target: z.record(text, z.array(z.array(z.number()))).optional(),
        })
        .optional(),
      calibration: z
        .record(
          text,
          z.array(z.looseObject({ rows: z.number(), meanScore: z.number(), right: z.number() })),
        )
        .optional(),
    })
    .optional(),
});

const share = z.looseObject({ hits: z.number(), of: z.number() }).optional();

const verdict = z.looseObject({
  gate: text,
  mode: z.enum(['enforce', 'warn', 'off']),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'error']),
  blue: text,
  green: text,
  difference: text,
  limit: text,
  measured: z
    .looseObject({
      unit: z.enum(['pp', 'ms', 'ratio', 'value']),
      blue: figure.optional(),
      green: figure.optional(),
      difference: figure.optional(),
      low: figure.optional(),
      high: figure.optional(),
      limit: figure,
      counts: z.looseObject({ blue: share, green: share }).optional(),
    })
    .optional(),
  needsMoreRows: figure.optional(),
  leastMoreRows: figure.optional(),
  why: text,
});

const judgement = {
  stage: z.enum(['prove', 'load', 'mirror', 'split', 'watch', 'checks']),
  deployment: text,
  weight: z.number(),
  verdicts: z.array(verdict),
  decision: z.enum(['promote', 'hold', 'send-more', 'probe-more', 'stop']),
  why: text.optional(),
  override: text.optional(),
};

const differences = z.array(z.looseObject({ member: text, blue: text, green: text }));

/** What a deletion takes away. */
const deleted = z.array(
  z.looseObject({
    ...deploymentMembers,
    name: hosted,
    endpointName: hosted,
    provisioningState: text,
    tags: texts,
    environmentVariables: texts,
  }),
);

export const lineMember = { time, choice, testResult, judgement, differences, deleted };
