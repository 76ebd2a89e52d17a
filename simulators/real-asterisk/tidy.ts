import { setTimeout as delay } from 'node:timers/promises';
import type { ForwardSpec, Scenario } from '../scenario/scenario.ts';
import { AmiRecorder } from './ami-recorder.ts';
import type { Asterisk } from './asterisk.ts';

/** Where the dialplan keeps forwarding. */
const FAMILIES: Readonly<Record<keyof ForwardSpec, string>> = { always: 'CFU', busy: 'CFB', noAnswer: 'CFN' };
const RINGS_FOR_MS = 25_000;

/** Brings a switch to where a scenario begins: no calls, queues that remember nothing, its forwards and ring time. */
export async function tidy(pbx: Asterisk, { group, forwards, ringsFor = RINGS_FOR_MS }: Scenario): Promise<void> {
  const control = await new AmiRecorder(() => 0).open(pbx.amiPort);
  try {
    await control.login(pbx.user, pbx.secret, { Events: 'off' });
    await waitForSilence(control);
    for (const family of Object.values(FAMILIES)) await control.command(`database deltree ${family}`);
    await control.action({ Action: 'Setvar', Variable: 'RINGTIME', Value: Math.ceil(ringsFor / 1000) });
    if (group === 'queue') {
      // Counters, wrap-up times and the place in the round robin live in the module; a reload keeps them.
      for (const LoadType of ['unload', 'load']) {
        await control.action({ Action: 'ModuleLoad', Module: 'app_queue.so', LoadType });
      }
    }
    for (const [Key, kinds] of Object.entries(forwards)) {
      for (const [kind, Val] of Object.entries(kinds)) {
        await control.action({ Action: 'DBPut', Family: FAMILIES[kind as keyof ForwardSpec], Key, Val });
      }
    }
    await control.action({ Action: 'Logoff' }).catch(() => {});
  } finally {
    await control.close();
  }
}

async function waitForSilence(control: AmiRecorder): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const channels = (await control.command('core show channels count')).find((line) => line.includes('active chan'));
    if (channels === undefined || channels.startsWith('0 ')) return;
    if (tries === 20) await control.command('channel request hangup all');
    await delay(250);
  }
}
