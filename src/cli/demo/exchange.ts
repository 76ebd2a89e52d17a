import {
  type AsteriskSimulator,
  createAsteriskSimulator,
  createFreeswitchSimulator,
  type FreeswitchSimulator,
} from '../../../simulators/index.ts';
import { asteriskAmi } from '../../adapters/asterisk-ami/index.ts';
import { freeswitchEsl } from '../../adapters/freeswitch-esl/index.ts';
import type { Adapter } from '../../adapters/port.ts';
import type { PbxKind } from '../link-options.ts';
import { DEMO_LINES, DEMO_OFFICE } from './office.ts';

/** A PBX that a demonstration can be played on. */
export type DemoPbx = AsteriskSimulator | FreeswitchSimulator;

/** The simulated PBX of a demonstration, and the adapter that is linked to it. */
export interface DemoExchange {
  readonly pbx: DemoPbx;
  readonly adapter: Adapter;
}

const OFFICE = { ...DEMO_OFFICE, outside: { autoAnswerMs: 3_500 } };
const LINK = { link: 'simulated', remoteControl: DEMO_LINES.map(({ device }) => device) };

/** Starts one. */
export async function startExchange(kind: PbxKind): Promise<DemoExchange> {
  if (kind === 'freeswitch-esl') {
    const pbx = await createFreeswitchSimulator({ ...OFFICE, password: 'secret' });
    const connect = { host: '127.0.0.1', port: pbx.port, secret: 'secret' };
    return { pbx, adapter: freeswitchEsl({ ...LINK, connect }) };
  }
  const pbx = await createAsteriskSimulator(OFFICE);
  const connect = { host: '127.0.0.1', port: pbx.port, username: 'offhook', secret: 'secret' };
  return { pbx, adapter: asteriskAmi({ ...LINK, connect, context: 'internal' }) };
}
