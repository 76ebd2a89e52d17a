import { z } from 'zod';
import { AUTO_ANSWERS } from '../../adapters/sip/auto-answer.ts';
import { credentialSchema, hostSchema, proxySchema, userSchema } from '../../adapters/sip/header-values.ts';

const text = z.string().min(1).max(512);
const noLineBreaks = text.regex(/^[^\r\n\0]*$/, 'must not hold line breaks');
const port = z.int().min(1).max(65_535);
const digits = (max: number) => z.string().regex(new RegExp(`^[0-9*#]{0,${max}}$`), `must be at most ${max} digits`);
const e164 = z.string().regex(/^\+[1-9][0-9]{5,14}$/, 'must be a number in E.164 form, such as "+442079460100"');
const extension = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be 1 to 9 digits in quotes, such as "1001"')
  .describe('An extension, in quotes.');

const secretFields = {
  secret: noLineBreaks.optional().describe(`The secret, best from the environment: \${PBX_SECRET}. Or secretFile.`),
  secretFile: text.optional().describe('A file that holds nothing but the secret. Relative to this file.'),
};

const tlsSchema = z
  .union([
    z.boolean(),
    z.strictObject({
      caFile: text.optional().describe('Certificates to trust besides the system’s, in PEM form.'),
      servername: text.optional().describe('The name in the certificate, where it is not `host`.'),
    }),
  ])
  .describe('Default false. Certificates are checked.');

const linkName = text
  .regex(/^[A-Za-z0-9_.-]+$/, 'must be letters, digits, . _ -')
  .optional()
  .describe('Default: its type and a number: asterisk-ami-1 and so on.');

const asteriskSchema = z
  .strictObject({
    type: z.literal('asterisk-ami').describe('An Asterisk (16 to 22) behind its manager interface.'),
    name: linkName,
    host: text.describe('Its name or address.'),
    port: port.optional().describe('Default 5038; with `tls`, 5039.'),
    tls: tlsSchema.optional(),
    username: noLineBreaks.describe('The user of manager.conf.'),
    ...secretFields,
    auth: z.enum(['md5', 'plain']).optional().describe('Default md5: the secret is never sent.'),
    context: text.optional().describe('The dialplan context that users’ numbers are dialled in.'),
    endpoints: z
      .record(text, extension.nullable())
      .optional()
      .describe('Which extension an endpoint is: `PJSIP/reception: "1001"`; null for a trunk.'),
    remoteControl: z
      .array(extension)
      .optional()
      .describe('Telephones that obey SIP NOTIFY `Event: talk` and `hold`: they can be answered and held from here.'),
  })
  .describe('An Asterisk.');

const freeswitchSchema = z
  .strictObject({
    type: z.literal('freeswitch-esl').describe('A FreeSWITCH (1.10) behind its event socket.'),
    name: linkName,
    host: text.describe('Its name or address.'),
    port: port.optional().describe('Default 8021.'),
    tls: tlsSchema.optional(),
    user: noLineBreaks
      .regex(/^[^:@\s]+@[^:@\s]+$/, 'must be a user and a domain, such as "1001@example.org"')
      .optional()
      .describe('A user of the directory to log in as. Default: with the password of the event socket itself.'),
    ...secretFields,
    format: z.enum(['json', 'plain']).optional().describe('How events are written. Default json.'),
    context: text
      .optional()
      .describe('The dialplan context that users’ numbers are dialled in. Default: the user’s own.'),
    domain: text.optional().describe('The domain of users. Default: that of the switch.'),
    endpoints: z
      .record(text, extension.nullable())
      .optional()
      .describe('Which extension an address is: `reception@pbx.example.org: "1001"`; null for none.'),
    remoteControl: z
      .array(extension)
      .optional()
      .describe('Telephones that obey SIP NOTIFY `Event: talk`: they can be answered from here.'),
    parkingLot: z
      .strictObject({ name: text, from: digits(9), to: digits(9) })
      .optional()
      .describe('Where calls are parked: a lot of mod_valet_parking. Default valet_lot, "6001" to "6099".'),
  })
  .describe('A FreeSWITCH.');

const sipAccountSchema = z
  .strictObject({
    user: userSchema.optional().describe('The user part of its SIP address. Default: the line’s number.'),
    username: credentialSchema.optional().describe('The name for digest authentication. Default: `user`.'),
    password: credentialSchema
      .optional()
      .describe(`Best from the environment: \${SIP_PASSWORD_1001}. Or passwordFile.`),
    passwordFile: text.optional().describe('A file that holds nothing but the password. Relative to this file.'),
    watch: z
      .enum(['both', 'second-device', 'dialog-info'])
      .optional()
      .describe(
        'Whether a second device is registered for the line, its dialogs are subscribed to, or both. Default both.',
      ),
  })
  .describe('The SIP account of a line.');

const sipSchema = z
  .strictObject({
    type: z.literal('sip').describe('Any PBX that speaks SIP, by a drachtio-server on this machine.'),
    name: linkName,
    host: text.optional().describe('Where drachtio-server is. Default 127.0.0.1, where it belongs.'),
    port: port.optional().describe('Its admin port. Default 9022.'),
    tls: tlsSchema.optional(),
    ...secretFields,
    domain: hostSchema.describe('The SIP domain of the users: pbx.example.org.'),
    proxy: proxySchema
      .optional()
      .describe(
        'Where requests are sent, if not to the domain: "sip:192.0.2.1:5060;transport=tcp". Prefer tcp or tls.',
      ),
    accounts: z
      .record(extension, sipAccountSchema)
      .refine((accounts) => Object.keys(accounts).length > 0, 'needs the account of at least one line')
      .describe('The SIP accounts of the lines, by number. A line without one is watched by dialog-info alone.'),
    subscriber: extension
      .optional()
      .describe('Whose account subscribes to lines that have none. Default: the first of `accounts`.'),
    secondDevice: z
      .enum(['ringing', 'silent'])
      .optional()
      .describe('What a second device says to a call that is offered: that it rings, or nothing. Default ringing.'),
    dialBy: z
      .enum(['self-invite', 'refer', 'third-party'])
      .optional()
      .describe('How click-to-dial is done. Default self-invite; see src/adapters/sip/README.md.'),
    autoAnswer: z
      .array(z.enum(AUTO_ANSWERS))
      .optional()
      .describe('How a user’s own telephone is asked to answer by itself. Default: call-info and alert-info.'),
    registerSeconds: z.int().min(10).max(86_400).optional().describe('How long a registration lasts. Default 300.'),
    subscribeSeconds: z.int().min(10).max(86_400).optional().describe('How long a subscription lasts. Default 600.'),
  })
  .describe('A PBX that speaks SIP.');

const linkSchema = z.discriminatedUnion('type', [asteriskSchema, freeswitchSchema, sipSchema]).describe('A PBX.');

const lineSchema = z
  .strictObject({
    device: extension,
    label: text.optional().describe('What users call it: Reception.'),
    endpoint: text.optional().describe('The PBX’s own name of it: PJSIP/reception.'),
    link: text.optional().describe('The name of its link, where there are several.'),
  })
  .describe('A telephone to watch.');

const rangeSchema = z.strictObject({ from: extension, to: extension });
const rewriteSchema = z.strictObject({
  prefix: z.string(),
  replaceWith: z.string(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
});
const rewrites = z.array(rewriteSchema).optional().describe('What to change of numbers before they are understood.');

const numberingPlanSchema = z
  .strictObject({
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be two capital letters, such as GB')
      .describe('ISO 3166-1 alpha-2.'),
    areaCode: digits(8).optional().describe('Without the national prefix, in quotes: "20" for London.'),
    outsideLinePrefix: digits(8).optional().describe('Dialled to get an outside line: "9".'),
    internationalPrefix: digits(8).optional().describe('Default: the country’s own.'),
    nationalPrefix: digits(8).optional().describe('Default: the country’s own.'),
    extensions: z.array(rangeSchema).optional().describe('Default: any two to five digits.'),
    shortCodes: z.array(digits(16)).optional(),
    emergency: z.array(digits(16)).optional().describe('Default: those of the country, and 112.'),
    ownNumbers: z
      .array(
        z.strictObject({
          from: e164,
          to: e164,
          extensionDigits: z
            .int()
            .min(1)
            .max(9)
            .optional()
            .describe('How many of the last digits are dialled through.'),
          extensionPrefix: digits(8).optional().describe('Put before those digits.'),
        }),
      )
      .optional()
      .describe('The site’s direct dial-in numbers.'),
    rewrite: rewrites,
    trunks: z
      .record(
        text,
        z.strictObject({
          rewrite: rewrites,
          bareDigits: z.enum(['auto', 'national', 'international']).optional(),
          internal: z.boolean().optional(),
        }),
      )
      .optional()
      .describe('What is peculiar to numbers that come in over one trunk.'),
  })
  .describe('How numbers are written and dialled at this site.');

const tokenSchema = z.strictObject({
  name: text.describe('Who holds it, for the log.'),
  token: text.optional().describe(`16 characters or more, best from the environment: \${OFFHOOK_TOKEN}.`),
  tokenFile: text.optional().describe('A file that holds nothing but the token.'),
  tokenHash: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 in hexadecimal')
    .optional()
    .describe('The SHA-256 of the token instead of it.'),
  lines: z.array(extension).optional().describe('The lines that it opens. Default: all.'),
  commands: z.boolean().optional().describe('False: may look, not act. Default true.'),
});

const gatewaySchema = z
  .strictObject({
    host: text.optional().describe('Default 127.0.0.1. Any other address needs `tokens`.'),
    port: z.int().min(0).max(65_535).optional().describe('Default 7780; 0: a free one.'),
    tokens: z
      .array(tokenSchema)
      .optional()
      .describe('Who may connect. Default: programs of this user on this machine.'),
    allowedOrigins: z
      .array(text)
      .optional()
      .describe('Web pages that may connect besides the gateway’s own: https://crm.example.org'),
    allowedHosts: z.array(text).optional().describe('Further names in the Host header, behind a proxy.'),
  })
  .describe('Where subscribers connect.');

/** The configuration of `offhook run`. Unknown keys are errors: a misspelt one would silently do nothing. */
export const configSchema = z
  .strictObject({
    links: z.array(linkSchema).min(1, 'needs at least one PBX').describe('The PBXs to watch.'),
    lines: z.array(lineSchema).optional().describe('The telephones to watch. Default: all that the PBX shows.'),
    numberingPlan: numberingPlanSchema.optional(),
    contacts: z
      .strictObject({
        index: text.describe('The file that `offhook contacts import` fills. Relative to this file.'),
      })
      .optional()
      .describe('Who callers are. Needs `numberingPlan`.'),
    directory: z
      .strictObject({
        url: text.describe('Where `offhook serve` is: https://directory.example.org'),
        token: noLineBreaks.describe(`A token with the scope lookup, best from the environment: \${OFFHOOK_TOKEN}.`),
      })
      .optional()
      .describe('The directory that is asked who calls where the index does not know. Needs `numberingPlan`.'),
    gateway: gatewaySchema.optional(),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional().describe('Default info.'),
      })
      .optional(),
  })
  .describe('The configuration of `offhook run`.');

/** A configuration as written; see {@link configSchema}. */
export type Config = z.output<typeof configSchema>;
/** A link as written. */
export type AsteriskLinkConfig = z.output<typeof asteriskSchema>;
/** A link as written. */
export type FreeswitchLinkConfig = z.output<typeof freeswitchSchema>;
/** A link as written. */
export type SipLinkConfig = z.output<typeof sipSchema>;
/** A link as written. */
export type LinkConfig = Config['links'][number];
/** A token as written. */
export type TokenEntry = z.output<typeof tokenSchema>;

/** The JSON Schema (2020-12) of the configuration, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

/** The least that a configuration needs. */
export const MINIMAL_CONFIG = `links:
  - type: asterisk-ami
    host: pbx.example.org
    username: offhook
    secret: \${ASTERISK_SECRET}
`;
