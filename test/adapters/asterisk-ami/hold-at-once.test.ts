import { expect, test } from 'vitest';
import { messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import { AsteriskTranslator } from '../../../src/adapters/asterisk-ami/translate.ts';

/**
 * Seen live now and then: a phone that holds as soon as it has answered is told to hold before the bridge that proves the
 * answer. The hold was lost, and the line stayed connected.
 */
test('a phone that holds at the moment of answering is told as answered, then as holding', () => {
  const translator = new AsteriskTranslator({ link: 'pbx', deviceOf: (_, name) => (name === '1001' ? name : null) });
  const trunk =
    'Channel: PJSIP/trunk-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nCallerIDNum: +442079460991\r\nExten: 101\r\n';
  const phone = 'Channel: PJSIP/1001-2\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\nCallerIDNum: 1001\r\n';
  const dest = 'DestChannel: PJSIP/1001-2\r\nDestUniqueid: 1.2\r\nDestLinkedid: 1.1\r\n';
  let time = 0;
  const told = [
    `Newchannel\r\n${trunk}ChannelState: 4`,
    `Newchannel\r\n${phone}ChannelState: 0\r\nExten: s`,
    `DialBegin\r\n${trunk}${dest}`,
    `Newstate\r\n${phone}ChannelState: 5`,
    `Newstate\r\n${phone}ChannelState: 6`,
    `DialEnd\r\n${trunk}${dest}DialStatus: ANSWER`,
    `Hold\r\n${phone}ChannelState: 6`,
    `BridgeEnter\r\n${phone}ChannelState: 6\r\nBridgeUniqueid: b`,
    `BridgeEnter\r\n${trunk}ChannelState: 6\r\nBridgeUniqueid: b`,
  ].flatMap((text) => translator.handle(messageFromText(`Event: ${text}`), ++time));
  told.push(...translator.tick(10_000));
  expect(told.map((event) => event.type)).toEqual(['originated', 'delivered', 'established', 'held']);
});
