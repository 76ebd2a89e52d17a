import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { masterKeyWrapper } from '../../src/directory/keys/key-wrapper.ts';
import { newTenantSecret, tenantKey } from '../../src/directory/keys/tenant-key.ts';

const wrong = expect.objectContaining({ code: 'directory.key-wrong' });

describe('a master key', () => {
  const [one, two] = [
    { id: 'one', key: randomBytes(32) },
    { id: 'two', key: randomBytes(32) },
  ];

  it('opens what it wrapped, for the same tenant only', async () => {
    const wrapper = masterKeyWrapper([one]);
    const secret = newTenantSecret();
    const wrapped = await wrapper.wrap(secret, 'tenant a');
    expect(Buffer.from(wrapped).includes(secret)).toBe(false);
    expect(await wrapper.unwrap(wrapped, 'one', 'tenant a')).toEqual(secret);
    await expect(wrapper.unwrap(wrapped, 'one', 'tenant b')).rejects.toEqual(wrong);
    for (let at = 0; at < wrapped.length; at += 1) {
      const damaged = Uint8Array.from(wrapped, (byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(wrapper.unwrap(damaged, 'one', 'tenant a')).rejects.toEqual(wrong);
    }
    await expect(wrapper.unwrap(new Uint8Array(3), 'one', 'tenant a')).rejects.toEqual(wrong);
  });

  it('is exchanged for another without a pause', async () => {
    const wrapped = await masterKeyWrapper([one]).wrap(Buffer.from('secret'), 't');
    const both = masterKeyWrapper([two, one]);
    expect(both.keyId).toBe('two');
    expect(Buffer.from(await both.unwrap(wrapped, 'one', 't')).toString()).toBe('secret');
    await expect(masterKeyWrapper([two]).unwrap(wrapped, 'one', 't')).rejects.toMatchObject({
      code: 'directory.key-unknown',
    });
  });

  it('has 32 bytes', () => {
    expect(() => masterKeyWrapper([{ id: 'short', key: randomBytes(31) }])).toThrow(wrong);
    expect(() => masterKeyWrapper([])).toThrow(expect.objectContaining({ code: 'directory.key-unknown' }));
  });
});

describe('a tenant’s key', () => {
  const secret = newTenantSecret();
  const key = tenantKey(secret, 1);

  it('hashes the same to the same, and otherwise under another key', () => {
    expect(key.hash('n:442079460991')).toEqual(tenantKey(secret, 2).hash('n:442079460991'));
    expect(key.hash('n:442079460991')).toHaveLength(16);
    expect(key.hash('n:442079460991')).not.toEqual(key.hash('n:442079460992'));
    expect(key.hash('n:442079460991')).not.toEqual(tenantKey(newTenantSecret(), 1).hash('n:442079460991'));
  });

  it('seals, each time otherwise, and opens in the same context only', () => {
    const plain = Buffer.from('{"name":"Carol Customer"}');
    const sealed = key.seal(plain, 'a/crm');
    expect(sealed).not.toEqual(key.seal(plain, 'a/crm'));
    expect(sealed.includes('Carol')).toBe(false);
    expect(key.open(sealed, 'a/crm')).toEqual(plain);
    expect(() => key.open(sealed, 'a/erp')).toThrow(wrong);
    expect(() => tenantKey(newTenantSecret(), 1).open(sealed, 'a/crm')).toThrow(wrong);
    for (const at of [0, 1, 13, sealed.length - 1]) {
      const damaged = Buffer.from(sealed);
      damaged[at]! ^= 1;
      expect(() => key.open(damaged, 'a/crm')).toThrow(wrong);
    }
    expect(() => key.open(Buffer.alloc(0), 'a/crm')).toThrow(wrong);
  });

  it('has a secret of 32 bytes', () => {
    expect(() => tenantKey(randomBytes(16), 1)).toThrow(wrong);
  });
});
