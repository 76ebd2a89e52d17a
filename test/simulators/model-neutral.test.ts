import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Words of one switch, its dialplan or its interface. The model speaks for all of them. */
const FOREIGN =
  /\b(Asterisk|FreeSWITCH|Kamailio|drachtio|INVITE|REGISTER|SUBSCRIBE|NOTIFY|dialog-info|AMI|ESL|PJSIP|SIP\/|Local\/|AppDial2?|AppQueue|Dial\(|Gosub|GotoIf|NoOp|ConfBridge|VoiceMail|DIALSTATUS|HANGUPCAUSE|QUEUESTATUS|CHANUNAVAIL|RINGTIME|FROM_DID|PICKUPMARK|CALLERID|Newexten|VarSet|channelvars|Newchannel|DialBegin|BridgeEnter)/;

const simulators = new URL('../../simulators/', import.meta.url);
const files = ['model', 'scenario'].flatMap((room) =>
  readdirSync(new URL(`${room}/`, simulators))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name}`),
);

/** A text without what only explains to a reader where something comes from. */
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

describe('the model PBX and the language of scenarios', () => {
  it.each(files)('%s knows no protocol', (name) => {
    expect(FOREIGN.exec(code(readFileSync(new URL(name, simulators), 'utf8')))?.[0]).toBeUndefined();
  });

  it('would not pass with a word of a protocol in it', () => {
    for (const text of ["exten: 'PJSIP_1001'", 'const app = `Local/1`', "x.step(leg, 'AppDial')"])
      expect(FOREIGN.test(code(text))).toBe(true);
  });
});
