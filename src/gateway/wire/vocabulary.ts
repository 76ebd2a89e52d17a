import { z } from 'zod';
import type { Call, CallState, Connection, ConnectionFacts, Line, LineCall, LineState } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import { EVENT_CAUSES } from '../../domain/cause.ts';
import type { Capability } from '../../domain/command.ts';
import { COMMAND_TYPES } from '../../domain/command.ts';
import { CONNECTION_STATES } from '../../domain/connection-state.ts';
import type { Contact, ContactNumber, Recognition, RecognitionHit } from '../../domain/contact.ts';
import type { Party } from '../../domain/device.ts';
import type { LinkState } from '../../domain/event.ts';
import type { LinkStatus } from '../../domain/journal.ts';
import { named } from './registry.ts';

/**
 * The domain's vocabulary as it goes over the wire. `satisfies Record<keyof ...>` makes a field that the domain gains
 * or loses a compile error here. Objects are open for readers: a client ignores what it does not know.
 */
type Fields<T> = Record<keyof T, z.ZodType>;

const optionalText = z.string().exactOptional();
const time = z.number().describe('Milliseconds since the epoch.');
const optionalTime = time.exactOptional();

const CALL_STATES = ['pending', 'initiated', 'alerting', 'connected', 'hold', 'queued', 'failed', 'cleared'] as const;
const LINE_STATES = [
  'unknown',
  'outOfService',
  'idle',
  'initiated',
  'alerting',
  'connected',
  'hold',
  'queued',
  'fail',
] as const;
const LINK_STATES = ['stopped', 'connecting', 'authenticating', 'resynchronising', 'up', 'waiting', 'refused'] as const;

/** Every state of a call, for readers that count by state. */
export const WIRE_CALL_STATES: readonly CallState[] = CALL_STATES;
/** Every state of a line. */
export const WIRE_LINE_STATES: readonly LineState[] = LINE_STATES;
/** Every state of a link. */
export const WIRE_LINK_STATES: readonly LinkState[] = LINK_STATES;

const causeSchema = z.enum(Object.keys(EVENT_CAUSES) as [EventCause, ...EventCause[]]);
const optionalCause = causeSchema.exactOptional();

/** {@link Party} on the wire. Number and name were chosen by somebody else: escape them before use. */
export const partySchema: z.ZodType<Party> = named(
  'Party',
  'A party as the PBX presents it. Number and name were chosen by somebody else: escape them before use.',
  z.object({
    device: z.string().nullable(),
    category: z.enum(['station', 'trunk', 'group', 'queue', 'park', 'conference', 'service']),
    number: z.string().nullable(),
    name: z.string().nullable(),
    presentation: z.enum(['allowed', 'restricted', 'unavailable']),
    e164: optionalText,
  } satisfies Fields<Party>),
);

const contactNumberSchema = z.object({
  raw: z.string(),
  e164: z.string().nullable(),
  type: optionalText,
  extension: optionalText,
} satisfies Fields<ContactNumber>);

/** {@link Contact} on the wire. */
export const contactSchema: z.ZodType<Contact> = named(
  'Contact',
  "A contact of a source, in RFC 6350's terms.",
  z.object({
    id: z.string(),
    source: z.string(),
    name: z.string(),
    organisation: optionalText,
    numbers: z.array(contactNumberSchema),
    url: optionalText,
    fields: z.record(z.string(), z.string()).exactOptional(),
  } satisfies Fields<Contact>),
);

const hitSchema = z.object({
  contact: contactSchema,
  reason: z.enum(['exact', 'exactWithExtension', 'extension', 'ddiRange', 'nationalSuffix']),
  confidence: z.number().min(0).max(1),
  matched: z.string(),
} satisfies Fields<RecognitionHit>);

/** {@link Recognition} on the wire. */
export const recognitionSchema: z.ZodType<Recognition> = named(
  'Recognition',
  'What is known about the identity of a remote party. pending: the look-up has not returned.',
  z.discriminatedUnion('status', [
    z.object({ status: z.literal('pending') }),
    z.object({ status: z.literal('known'), hits: z.array(hitSchema) }),
    z.object({ status: z.literal('unknown') }),
    z.object({ status: z.literal('withheld') }),
    z.object({ status: z.literal('failed'), code: z.string() }),
  ]),
);

const redirectionSchema = z.object({
  number: z.string().nullable(),
  name: z.string().nullable().exactOptional(),
  reason: z.enum(['unconditional', 'busy', 'noanswer', 'unavailable', 'deflected', 'unknown']).exactOptional(),
});
const optionalRedirection = redirectionSchema.exactOptional();

const factFields = {
  dialled: optionalText,
  originated: z.boolean().exactOptional(),
  prompted: z.boolean().exactOptional(),
  queue: optionalText,
  group: optionalText,
  conference: optionalText,
  partOf: optionalText,
  consultationOf: optionalText,
  transferredTo: optionalRedirection,
  transferredBy: optionalRedirection,
  divertedTo: optionalRedirection,
  divertedFrom: optionalRedirection,
  pickedUpBy: optionalRedirection,
  pickedUpFrom: optionalRedirection,
  parkedAt: optionalText,
  retrievedFrom: optionalText,
  returnedFrom: optionalText,
  digitsSent: optionalText,
  digitsReceived: optionalText,
  cause: optionalCause,
  endedBy: z.enum(['local', 'remote', 'pbx', 'client']).exactOptional(),
  missed: z.boolean().exactOptional(),
} satisfies Fields<ConnectionFacts>;

const connectionState = z.enum(CONNECTION_STATES as [Connection['state'], ...Connection['state'][]]);

const connectionFields = {
  ...factFields,
  id: z.string(),
  device: z.string(),
  party: partySchema,
  state: connectionState,
  direction: z.enum(['in', 'out']),
  startedAt: time,
  since: time,
  alertedAt: optionalTime,
  answeredAt: optionalTime,
  endedAt: optionalTime,
  recognition: recognitionSchema.exactOptional(),
} satisfies Fields<Connection>;

/** {@link Connection} on the wire. */
export const connectionSchema: z.ZodType<Connection> = named(
  'Connection',
  "One device's part in a call (ECMA-269 6.1.3). The id survives transfers.",
  z.object(connectionFields),
);

/** {@link Call} on the wire. */
export const callSchema: z.ZodType<Call> = named(
  'Call',
  'A call: connections that belong together (ECMA-269 6.1.2).',
  z.object({
    id: z.string(),
    link: z.string(),
    state: z.enum(CALL_STATES),
    connections: z.array(connectionSchema),
    callingDevice: partySchema.nullable(),
    calledDevice: partySchema.nullable(),
    lastRedirectionDevice: partySchema.nullable(),
    startedAt: time,
    answeredAt: optionalTime,
    clearedAt: optionalTime,
    cause: optionalCause,
    mergedInto: optionalText,
    illegalEvents: z.int(),
  } satisfies Fields<Call>),
);

/**
 * {@link LineCall} on the wire. JSON has no `undefined`: an absent `remoteState` means that it is not known where the
 * call goes, `null` that there is nobody.
 */
export const lineCallSchema = named(
  'LineCall',
  "A call as one of its lines sees it: its own state, the other side's, and who that is.",
  z.object({
    ...connectionFields,
    callId: z.string(),
    link: z.string(),
    remoteState: connectionState.optional(),
    remote: partySchema.nullable(),
    remoteRecognition: recognitionSchema.exactOptional(),
  } satisfies Fields<LineCall>),
);

/** {@link Line} on the wire. */
export const lineSchema: z.ZodType<Line> = named(
  'Line',
  'A monitored device as it is now. unknown: the link to its PBX is down.',
  z.object({
    device: z.string(),
    link: z.string(),
    label: optionalText,
    state: z.enum(LINE_STATES),
    since: time,
    connections: z.array(z.string()),
  } satisfies Fields<Line>),
);

const capabilitySchema = z.object({
  support: z.enum(['yes', 'conditional', 'no']),
  note: optionalText,
} satisfies Fields<Capability>);

/** {@link LinkStatus} on the wire. */
export const linkStatusSchema: z.ZodType<LinkStatus> = named(
  'LinkStatus',
  'A PBX link as it is now, and which services it can do.',
  z.object({
    link: z.string(),
    kind: z.string(),
    state: z.enum(LINK_STATES),
    since: time,
    peer: optionalText,
    code: optionalText,
    reason: optionalText,
    retryInMs: z.number().exactOptional(),
    capabilities: z.record(
      z.enum(COMMAND_TYPES as [(typeof COMMAND_TYPES)[number], ...(typeof COMMAND_TYPES)[number][]]),
      capabilitySchema,
    ),
  } satisfies Fields<LinkStatus>),
);
