import { z } from 'zod';
import { OffhookError } from '../domain/error.ts';
import { type NumberingPlan, validateNumberingPlan } from '../recognition/index.ts';

const settings = z.strictObject({
  /** Which further fields of contacts are kept. Default: none. A name and numbers are always kept. */
  fields: z.array(z.string().min(1).max(64)).max(64).default([]),
  organisation: z.boolean().default(true),
  url: z.boolean().default(true),
  /** The greatest part of a source's contacts that one replication may take away without being confirmed: 0 to 1. */
  maxShrink: z.number().min(0).max(1).default(0.2),
  maxContacts: z.int().min(0).max(100_000_000).default(1_000_000),
  maxSources: z.int().min(0).max(1_000).default(20),
  /** How numbers are written at the tenant's site. Without it, they have to be in E.164 form. */
  plan: z.custom<NumberingPlan>((value) => typeof value === 'object' && value !== null).optional(),
  /** After so many days, the audit log forgets. */
  auditDays: z.int().min(1).max(3_650).default(365),
});

/** What a tenant chose, and what it may have. */
export type TenantSettings = z.output<typeof settings>;

/**
 * The settings that a value says, with defaults for what it does not. @throws OffhookError `directory.invalid`,
 * `numbering-plan.invalid`
 */
export function readSettings(value: unknown): TenantSettings {
  const parsed = settings.safeParse(value);
  if (parsed.success) {
    if (parsed.data.plan !== undefined) validateNumberingPlan(parsed.data.plan);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new OffhookError('directory.invalid', `The settings are wrong: ${issue?.message}`, {
    field: issue?.path.join('.') ?? 'settings',
  });
}
