import { type IndexedContact, keysOfContact } from '../recognition/index.ts';
import type { TenantKey } from './keys/tenant-key.ts';
import type { TenantSettings } from './settings.ts';
import type { FoundContact, SealedContact, TenantId } from './store/port.ts';

/** A contact as its tenant keeps it: what the tenant did not choose is not in it. */
export function seal(
  tenant: TenantId,
  contact: IndexedContact,
  key: TenantKey,
  settings: TenantSettings,
): SealedContact {
  const kept = chosen(contact, settings);
  return {
    key: contactKey(contact.source, contact.id, key),
    sealed: key.seal(Buffer.from(JSON.stringify(kept)), contextOf(tenant, contact.source)),
    hashes: keysOfContact(contact).map((text) => key.hash(text)),
  };
}

/** The contact that was sealed. @throws OffhookError `directory.key-wrong` */
export function open(tenant: TenantId, found: FoundContact, keys: readonly TenantKey[]): IndexedContact {
  const key = keys.find(({ version }) => version === found.keyVersion) ?? keys[0]!;
  const text = key.open(found.sealed, contextOf(tenant, found.source)).toString();
  return { ...(JSON.parse(text) as Omit<IndexedContact, 'source'>), source: found.source };
}

/** What a contact of a source is known by in the store. */
export function contactKey(source: string, id: string, key: TenantKey): Buffer {
  return key.hash(`id:${source}\u0000${id}`);
}

function chosen(
  contact: IndexedContact,
  { organisation, url, fields }: TenantSettings,
): Omit<IndexedContact, 'source'> {
  const { source: _, organisation: company, url: address, fields: further = {}, ...rest } = contact;
  const kept = Object.fromEntries(Object.entries(further).filter(([name]) => fields.includes(name)));
  return {
    ...rest,
    ...(organisation && company !== undefined && { organisation: company }),
    ...(url && address !== undefined && { url: address }),
    ...(Object.keys(kept).length > 0 && { fields: kept }),
  };
}

const contextOf = (tenant: TenantId, source: string): string => `offhook contact ${tenant} ${source}`;
