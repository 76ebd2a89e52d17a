import type { OfficeConfig } from '../../../simulators/index.ts';
import type { LineConfig } from '../../engine/engine.ts';
import type { NumberingPlan } from '../../recognition/index.ts';

/** The telephones of the demonstration's office; examples/contacts.csv has the same people. */
const STAFF = [
  ['1001', 'Reception'],
  ['1002', 'Alma Accounts'],
  ['1003', 'Stan Sales'],
  ['1004', 'Wilma Warehouse'],
  ['1005', 'Sam Support'],
  ['1006', 'Meeting Room Fern'],
] as const;

/** The office that the simulated PBX serves. */
export const DEMO_OFFICE: OfficeConfig = {
  extensions: STAFF.map(([number, name]) => ({ number, name })),
  groups: [{ did: '200', members: ['1001', '1002'] }],
  queues: [{ name: 'sales', did: '302', members: ['1003', '1005'], strategy: 'rrmemory', ringSeconds: 6 }],
};

/** Its lines, as the engine is told of them. */
export const DEMO_LINES: readonly LineConfig[] = STAFF.map(([device, label]) => ({ device, label }));

/** How numbers are written there. */
export const DEMO_PLAN: NumberingPlan = {
  country: 'GB',
  areaCode: '20',
  extensions: [{ from: '1000', to: '1999' }],
  ownNumbers: [{ from: '+442079460100', to: '+442079460199', extensionDigits: 2, extensionPrefix: '10' }],
};

/** Whom the key `d` dials, one after the other: contacts, and one who is none. */
export const DEMO_NUMBERS: readonly string[] = ['+493023125042', '+12025550143', '+442079460700', '+441632960042'];
