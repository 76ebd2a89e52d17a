import { z } from 'zod';
import type { CallChange } from '../../domain/event.ts';
import { CALL_EVENT_TYPES } from '../../domain/event.ts';
import { named } from './registry.ts';
import { callSchema, lineSchema, linkStatusSchema } from './vocabulary.ts';

/**
 * A place in one engine's event log: `<instance>.<seq>`. Opaque to clients: keep the last one, hand it back to resume.
 * The instance part makes a cursor of an engine that was restarted recognisably old.
 */
export const cursorSchema = named(
  'Cursor',
  'A place in the event log: the `cursor` of the last event that you have. Opaque.',
  z.string().regex(/^[A-Za-z0-9_-]{1,64}\.(0|[1-9][0-9]{0,15})$/),
);

/** See {@link cursorSchema}. */
export type Cursor = string;

/** Every event of a call, `recognised` (a contact was found) included. */
export const WIRE_CALL_EVENTS: readonly CallChange['event'][] = [...CALL_EVENT_TYPES, 'recognised'];

/** CloudEvents types. They are stable: a change of meaning gets a new name. */
export const SNAPSHOT_TYPE = 'org.offhook.snapshot';
export const LINE_TYPE = 'org.offhook.line.changed';
export const LINK_TYPE = 'org.offhook.link.changed';
export const CALL_TYPE_PREFIX = 'org.offhook.call.';

/** The CloudEvents type of a call event: `org.offhook.call.delivered`. */
export type CallEventTypeName = `org.offhook.call.${CallChange['event']}`;

/** Every CloudEvents type that a subscriber can get. */
export const EVENT_TYPES: readonly string[] = [
  SNAPSHOT_TYPE,
  ...WIRE_CALL_EVENTS.map((event) => `${CALL_TYPE_PREFIX}${event}`),
  LINE_TYPE,
  LINK_TYPE,
];

const callEventTypes = WIRE_CALL_EVENTS.map((event): CallEventTypeName => `${CALL_TYPE_PREFIX}${event}`);

/** CloudEvents 1.0 context attributes, JSON format; `cursor` is this project's extension attribute. */
const envelope = {
  specversion: z.literal('1.0'),
  id: z.string().min(1).describe('Unique within `source`.'),
  source: z.string().min(1).describe('The engine: `urn:offhook:<instance>`.'),
  time: z.iso.datetime(),
  subject: z.string().min(1).exactOptional().describe('The call, line or link that the event is about.'),
  datacontenttype: z.literal('application/json'),
  cursor: cursorSchema,
};

const seq = z.int().min(0).describe('Number of the entry in the event log.');
const time = z.number().describe('Milliseconds since the epoch.');

/** Everything as it is after the entry `seq`, as far as the reader's filter goes. */
const snapshotFields = {
  seq,
  time,
  links: z.array(linkStatusSchema),
  lines: z.array(lineSchema),
  calls: z.array(callSchema),
};

/** What `getSnapshot` and `GET /v1/snapshot` answer. */
export const snapshotSchema = named(
  'Snapshot',
  'Everything as it is after the entry `seq`, as far as the filter goes. Subscribe with `after: cursor` to go on from here.',
  z.object({ cursor: cursorSchema, ...snapshotFields }),
);
export type WireSnapshot = z.output<typeof snapshotSchema>;

/** Why a snapshot was sent. */
export const SNAPSHOT_REASONS = ['subscribed', 'cursor-expired', 'slow-consumer'] as const;
export type SnapshotReason = (typeof SNAPSHOT_REASONS)[number];

/** A condition that is not an error of a request, by code of the error reference. */
const noticeSchema = named(
  'Notice',
  'A condition by code of the error reference.',
  z.object({ code: z.string(), message: z.string(), remedy: z.string().exactOptional() }),
);

/** Replaces all that the subscriber knew. */
export const snapshotEventSchema = named(
  'SnapshotEvent',
  'Replaces all that the subscriber knew. `reason` says why; other than `subscribed`, events may have been missed.',
  z.object({
    ...envelope,
    type: z.literal(SNAPSHOT_TYPE),
    data: z.object({ ...snapshotFields, reason: z.enum(SNAPSHOT_REASONS), notice: noticeSchema.exactOptional() }),
  }),
);

/** A call changed. */
export const callEventSchema = named(
  'CallEvent',
  'A call changed: the call as it is after the event, and which of its connections changed.',
  z.object({
    ...envelope,
    type: z.enum(callEventTypes as [CallEventTypeName, ...CallEventTypeName[]]),
    data: z.object({
      seq,
      time,
      event: z.enum(WIRE_CALL_EVENTS as [CallChange['event'], ...CallChange['event'][]]),
      call: callSchema,
      changed: z.array(z.string()),
      resync: z
        .boolean()
        .optional()
        .describe('True: a snapshot of the PBX told it after a connect, not when it happened. Do not pop up for it.'),
    }),
  }),
);

/** A line changed. */
export const lineEventSchema = named(
  'LineEvent',
  'A line changed.',
  z.object({ ...envelope, type: z.literal(LINE_TYPE), data: z.object({ seq, time, line: lineSchema }) }),
);

/** A PBX link changed. */
export const linkEventSchema = named(
  'LinkEvent',
  'A PBX link changed.',
  z.object({ ...envelope, type: z.literal(LINK_TYPE), data: z.object({ seq, time, status: linkStatusSchema }) }),
);

/** Every event that a subscriber can get: a CloudEvents 1.0 envelope in JSON format. */
export const wireEventSchema = z.discriminatedUnion('type', [
  snapshotEventSchema,
  callEventSchema,
  lineEventSchema,
  linkEventSchema,
]);
export type WireEvent = z.output<typeof wireEventSchema>;
export type WireSnapshotEvent = z.output<typeof snapshotEventSchema>;
export type WireCallEvent = z.output<typeof callEventSchema>;
export type WireLineEvent = z.output<typeof lineEventSchema>;
export type WireLinkEvent = z.output<typeof linkEventSchema>;
