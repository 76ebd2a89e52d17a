import type { Leg } from './leg.ts';
import type { QueueStrategy } from './queue-state.ts';
import { fixedSequence } from './queue-strategy.ts';

/** A telephone of the office. */
export interface ExtensionConfig {
  readonly number: string;
  readonly name?: string;
  /** Answers by itself after so many milliseconds. */
  readonly autoAnswerMs?: number;
  /** The last digits under which it is reached from outside. @default `1` and the last two digits */
  readonly did?: string;
  /** Refuses calls while it has one. @default false */
  readonly singleLine?: boolean;
  /** Not registered at start. @default true */
  readonly registered?: boolean;
  /** Phones of the same group may take each other's calls. @default '1' */
  readonly pickupGroup?: string;
}

/** Telephones that ring together or one after the other. */
export interface GroupConfig {
  /** Last digits from outside; `6` and these from inside. */
  readonly did: string;
  readonly members: readonly string[];
  /** `loops`: all at once, each through a loop inside the exchange, as web-configured PBXs do. @default 'all' */
  readonly strategy?: 'all' | 'sequential' | 'loops';
  /** @default 30, for `sequential` 8 each */
  readonly ringSeconds?: number;
}

/** A queue of callers and the stations that take them. */
export interface QueueConfig {
  readonly name: string;
  readonly did: string;
  readonly members: readonly string[];
  /** @default 'ringall' */
  readonly strategy?: QueueStrategy;
  /** @default 15 */
  readonly ringSeconds?: number;
  /** How long a caller waits in all. @default 60 */
  readonly maxWaitSeconds?: number;
  /** @default 3 */
  readonly wrapUpSeconds?: number;
  /** Names of members in this queue. @default those of their extensions */
  readonly memberNames?: Readonly<Record<string, string>>;
  /** Members are reached through loops. @default false */
  readonly loops?: boolean;
}

/** Parking places. */
export interface ParkingConfig {
  /** @default '700' */
  readonly exten?: string;
  /** @default 701 */
  readonly first?: number;
  /** @default 720 */
  readonly last?: number;
  /** @default 20 */
  readonly timeoutSeconds?: number;
  /** How long the place is read out to who parks. @default 2600 */
  readonly announcementMs?: number;
}

/** The office that the exchange serves. Everything has a default: ten telephones, three groups, three queues. */
export interface OfficeConfig {
  readonly extensions?: readonly ExtensionConfig[];
  readonly groups?: readonly GroupConfig[];
  readonly queues?: readonly QueueConfig[];
  readonly parking?: ParkingConfig;
  /** Conference rooms: last digits from outside to the room's name. @default { '600': '6600' } */
  readonly conferences?: Readonly<Record<string, string>>;
  /** What direct dial-in numbers begin with; three digits follow. @default '+442079460' */
  readonly trunkPrefix?: string;
  /** Which party takes the place of a loop that is taken out; real PBXs do either. @default 'called' */
  readonly loopsMove?: 'called' | 'caller';
  /** How telephones transfer and park: by messages of their own (SIP REFER), or by the exchange's feature codes. @default 'refer' */
  readonly transfers?: 'refer' | 'feature-code';
  /** Chance, from 0 to below 1, for queues. @default a sequence that is the same in every run */
  readonly random?: () => number;
  /** How long a telephone rings. @default 25 */
  readonly ringSeconds?: number;
  /** Variables that legs of a telephone get. @default none */
  readonly phoneVariables?: (number: string) => Readonly<Record<string, string>>;
  /** Variables that legs of the trunk get. @default none */
  readonly trunkVariables?: Readonly<Record<string, string>>;
}

/** The telephones of the default office: quotes, commas, Cyrillic and Chinese on purpose. */
const DEFAULT_EXTENSIONS: readonly ExtensionConfig[] = [
  { number: '1001', name: 'Alice Jansen' },
  { number: '1002', name: 'Bob de Vries' },
  { number: '1003', name: 'Chloé Müller' },
  { number: '1004', name: 'Данило Орлик' },
  { number: '1005', name: "Eve O'Brien" },
  { number: '1006', name: 'Frank "Frankie" Bakker' },
  { number: '1007', name: 'Grace, Sales' },
  { number: '1008', name: '李 秀英' },
  { number: '1009', name: 'Łukasz Żak' },
  { number: '1010', name: 'Reception & Switchboard' },
];

const DEFAULT_GROUPS: readonly GroupConfig[] = [
  { did: '200', members: ['1001', '1002', '1003'] },
  { did: '201', members: ['1001', '1002', '1003'], strategy: 'sequential' },
  { did: '202', members: ['1001', '1002'], strategy: 'loops' },
];

const DEFAULT_QUEUES: readonly QueueConfig[] = [
  { name: 'support', did: '301', members: ['1001', '1002', '1003'] },
  {
    name: 'sales',
    did: '302',
    members: ['1004', '1005', '1006'],
    strategy: 'rrmemory',
    ringSeconds: 5,
    memberNames: { '1006': 'Frank Bakker' },
  },
  { name: 'helpdesk', did: '303', members: ['1007', '1008'], loops: true, memberNames: { '1007': 'Grace' } },
];

/** An {@link OfficeConfig} with its defaults. */
export class OfficePlan {
  readonly extensions: ReadonlyMap<string, ExtensionConfig>;
  readonly groups: readonly GroupConfig[];
  readonly queues: readonly QueueConfig[];
  readonly conferences: Readonly<Record<string, string>>;
  readonly parking: Required<ParkingConfig>;
  readonly trunkPrefix: string;
  readonly ringSeconds: number;
  readonly loopsMove: 'called' | 'caller';
  readonly random: () => number;
  readonly transfers: 'refer' | 'feature-code';
  /** Variables that go on to legs that a leg makes: the number dialled from outside, the telephone whose call it is. */
  readonly inherited: ReadonlySet<string> = new Set(['did', 'pickupMark']);
  readonly #config: OfficeConfig;
  /** The first of those that have the same. */
  readonly #byDid = new Map<string, ExtensionConfig>();

  constructor(config: OfficeConfig = {}) {
    const extensions = config.extensions ?? DEFAULT_EXTENSIONS;
    const known = new Set(extensions.map(({ number }) => number));
    const staffed = <T extends { readonly members: readonly string[] }>(list: readonly T[]): T[] =>
      list.filter(({ members }) => members.every((member) => known.has(member)));
    this.#config = config;
    this.extensions = new Map(extensions.map((extension) => [extension.number, extension]));
    for (const extension of extensions) {
      const did = extension.did ?? `1${extension.number.slice(-2)}`;
      if (!this.#byDid.has(did)) this.#byDid.set(did, extension);
    }
    this.groups = config.groups ?? staffed(DEFAULT_GROUPS);
    this.queues = config.queues ?? staffed(DEFAULT_QUEUES);
    this.conferences = config.conferences ?? { '600': '6600' };
    this.parking = { exten: '700', first: 701, last: 720, timeoutSeconds: 20, announcementMs: 2600, ...config.parking };
    this.trunkPrefix = config.trunkPrefix ?? '+442079460';
    this.loopsMove = config.loopsMove ?? 'called';
    this.transfers = config.transfers ?? 'refer';
    this.random = config.random ?? fixedSequence();
    this.ringSeconds = config.ringSeconds ?? 25;
  }

  /** What a new leg of this line carries. */
  variablesOf(leg: Leg): Readonly<Record<string, string>> {
    if (leg.line.kind === 'phone') return this.#config.phoneVariables?.(leg.line.number) ?? {};
    return leg.line.kind === 'trunk' ? (this.#config.trunkVariables ?? {}) : {};
  }

  /** The telephone with these last digits. */
  byDid(did: string): ExtensionConfig | undefined {
    return this.#byDid.get(did);
  }
}
