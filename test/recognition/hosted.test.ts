import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SimulatedClock, systemClock } from '../../src/domain/clock.ts';
import type { CallableNumber } from '../../src/domain/number.ts';
import { createRecogniser, type HostedOptions, hostedDirectory, LocalIndex } from '../../src/recognition/index.ts';

const CAROL: CallableNumber = { kind: 'e164', raw: '+442079460991', e164: '+442079460991', valid: true };
const hit = (name: string) => ({
  contact: { id: 'c', source: 'crm', name, numbers: [] },
  ...{ reason: 'exact', confidence: 1, matched: '+442079460991' },
});

interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** A service that answers as a test wants, one answer after the other, the last one again and again. */
async function service<T>(
  answers: readonly ((response: ServerResponse, asked: Asked) => void)[],
  use: (place: { url: string; asked: Asked[] }) => Promise<T>,
): Promise<T> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const one = { url: request.url ?? '', headers: request.headers };
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(one);
    answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json =
  (status: number, body: unknown, headers = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const known = json(200, { hits: [hit('Carol')] }, { etag: '"1"' });
const broken = json(503, { detail: 'no store' });
const silent = () => {};

const ask = (
  options: Partial<HostedOptions> & { url: string },
  number: CallableNumber = CAROL,
  signal = new AbortController().signal,
) => {
  const directory = hostedDirectory({ token: 't', clock: systemClock, random: () => 0, ...options });
  return { directory, look: () => directory.lookup(number, { signal }) };
};

describe('a hosted directory', () => {
  it('is asked with a token, and its hits are made safe', () =>
    service(
      [
        json(200, {
          hits: [{ ...hit('Carol'), confidence: 7, contact: { ...hit('Carol').contact, url: 'javascript:x' } }, null],
        }),
      ],
      async ({ url, asked }) => {
        const { directory, look } = ask({ url, token: async () => 'fresh' });
        expect(await look()).toEqual([{ ...hit('Carol') }]);
        expect(asked[0]).toMatchObject({
          url: '/v1/lookup?number=%2B442079460991',
          headers: { authorization: 'Bearer fresh' },
        });
        expect(directory.status).toEqual({ state: 'up', circuit: 'closed', asked: 1, failed: 0, revalidated: 0 });
      },
    ));

  it('is asked again about what it told, for nothing', () =>
    service([known, (response) => response.writeHead(304).end(), json(200, { hits: [] })], async ({ url, asked }) => {
      const { directory, look } = ask({ url });
      expect(await look()).toHaveLength(1);
      expect(await look()).toHaveLength(1);
      expect(asked[1]?.headers['if-none-match']).toBe('"1"');
      expect(directory.status.revalidated).toBe(1);
      expect(await look()).toEqual([]);
    }));

  it('is not asked for a number that nobody can have', () =>
    service([known], async ({ url, asked }) => {
      expect(await ask({ url }, { kind: 'withheld', raw: 'anonymous' }).look()).toEqual([]);
      expect(asked).toEqual([]);
    }));

  it('is asked twice where it fails once, and not three times', () =>
    service([broken, known], async ({ url, asked }) => {
      const { directory, look } = ask({ url });
      expect(await look()).toHaveLength(1);
      expect(asked).toHaveLength(2);
      expect(directory.status).toMatchObject({ state: 'up', failed: 1 });
    }));

  it('is asked again for one look-up in ten at most, in the long run', () =>
    service([broken], async ({ url, asked }) => {
      const { look } = ask({ url, circuit: { failures: 1_000 } });
      for (let n = 0; n < 60; n++)
        await expect(look()).rejects.toMatchObject({ code: 'recognition.failed', retryable: true });
      expect(asked.length).toBeGreaterThan(60);
      expect(asked.length).toBeLessThanOrEqual(60 + 10 + 6);
    }));

  it('is not asked again when it refuses, and says why', () =>
    service([json(401, { detail: 'The token is nobody’s.' })], async ({ url, asked }) => {
      const { directory, look } = ask({ url });
      await expect(look()).rejects.toMatchObject({ code: 'recognition.failed', message: /401: The token is nobody/ });
      expect(asked).toHaveLength(1);
      expect(directory.status).toMatchObject({ state: 'refused', circuit: 'closed' });
    }));

  it('is given up after its time', () =>
    service([silent], async ({ url }) => {
      const { look } = ask({ url, attemptMs: 30, retries: 0 });
      await expect(look()).rejects.toMatchObject({ code: 'recognition.timeout', retryable: true });
    }));

  it('is not waited for by whoever does not wait any more, and that is no failure', () =>
    service([silent], async ({ url }) => {
      const abort = new AbortController();
      const { directory, look } = ask({ url, circuit: { failures: 1 } }, CAROL, abort.signal);
      const looking = look();
      abort.abort();
      await expect(looking).rejects.toThrow();
      expect(directory.status).toMatchObject({ circuit: 'closed', failed: 0 });
    }));

  it('is left alone when it keeps failing, tried once after a while, and used when it is back', () =>
    service([broken, broken, broken, broken, known], async ({ url, asked }) => {
      const clock = new SimulatedClock();
      const { directory, look } = ask({ url, clock, retries: 0, circuit: { failures: 3, openMs: 1_000 } });
      for (let n = 0; n < 3; n++) await expect(look()).rejects.toThrow(/503/);
      expect(directory.status.circuit).toBe('open');
      await expect(look()).rejects.toThrow(/left alone/);
      expect(asked).toHaveLength(3);
      clock.advance(1_000);
      await expect(look()).rejects.toThrow(/503/);
      clock.advance(1_999);
      await expect(look()).rejects.toThrow(/left alone/);
      clock.advance(1);
      expect(await look()).toHaveLength(1);
      expect(directory.status).toMatchObject({ state: 'up', circuit: 'closed' });
      expect(clock.pendingTimers).toBe(0);
    }));

  it.each([
    ['a page', (response: ServerResponse) => response.end('<html>'), /no JSON/],
    ['no list', json(200, { hits: 'x' }), /not a list/],
    ['far too much', (response: ServerResponse) => response.end('x'.repeat(2_000_000)), /too long/],
    [
      'an address elsewhere',
      (response: ServerResponse) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /reached/,
    ],
  ])('that answers with %s has failed', (_, answer, message) =>
    service([answer], async ({ url }) => {
      await expect(ask({ url, retries: 0 }).look()).rejects.toThrow(message);
    }),
  );

  it.each([
    'http://directory.example',
    'directory.example',
    'ftp://127.0.0.1',
    'https://user:secret@directory.example',
  ])('is not at %s', (url) =>
    expect(() => ask({ url })).toThrow(expect.objectContaining({ code: 'recognition.failed' })),
  );

  it('that is down does not keep a call waiting, nor a contact of the local index from being told', () =>
    service([silent], async ({ url }) => {
      using index = new LocalIndex();
      index.upsert([{ id: 'l', source: 'local', name: 'Local', numbers: [{ raw: '1', e164: '+442079460992' }] }], 0);
      const { directory } = ask({ url, attemptMs: 40, retries: 0 });
      const recogniser = createRecogniser({ plan: { country: 'GB' }, index, fallback: directory, clock: systemClock });
      expect(await recogniser.lookup('+442079460992')).toMatchObject({ status: 'known' });
      expect(await recogniser.lookup('+442079460991')).toMatchObject({ status: 'failed' });
    }));
});
