import type { FastifyRequest } from 'fastify';
import { OffhookError } from '../../domain/error.ts';
import type { TenantId } from '../store/port.ts';

/** Whose contacts a request is about: its token tells, and nothing else. @throws OffhookError `directory.forbidden` */
export function tenantOf({ caller }: FastifyRequest): TenantId {
  if (caller?.tenant != null) return caller.tenant;
  throw new OffhookError('directory.forbidden', 'The token is of no tenant.', {
    remedy: 'Use a token that was made for a tenant.',
  });
}
