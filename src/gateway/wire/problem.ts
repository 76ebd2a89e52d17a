import { z } from 'zod';
import { named } from './registry.ts';

/** An error over HTTP: RFC 9457 problem details. Programs look at `code`; `field` names what was wrong with the request. */
export const problemSchema = named(
  'Problem',
  'RFC 9457 problem details. Programs look at `code`, a code of the error reference.',
  z.object({
    type: z.string().describe('`urn:offhook:error:<code>`'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    field: z.string().exactOptional(),
    remedy: z.string().exactOptional(),
    retryable: z.boolean(),
  }),
);
export type Problem = z.output<typeof problemSchema>;
