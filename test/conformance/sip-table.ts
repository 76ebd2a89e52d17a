import { sipDifferences, sipPieces, toldBySip } from './sip-compare.ts';
import { SIP_TRUTH } from './sip-truth.ts';

/** The part of docs/conformance.md that is about SIP. */
export async function sipSection(): Promise<string[]> {
  const rows: string[] = [];
  let same = 0;
  const all = Object.entries(SIP_TRUTH);
  for (const [name, { title, lines: expected }] of all) {
    const { lines, result } = await toldBySip(sipPieces(name));
    const isSame = sipDifferences(name, lines, true).length === 0 && result.illegalEvents === 0;
    if (isSame) same++;
    rows.push(`| ${name} | ${title.replaceAll('|', '\\|')} | ${expected.length} | ${isSame ? 'same' : 'differs'} |`);
  }
  return [
    '## SIP',
    '',
    'drachtio-server 0.9.10 with Kamailio 5.6.3, Asterisk 22.10.1 and FreeSWITCH 1.10.12. What each recording must tell is written by',
    'hand in `test/conformance/sip-truth.ts`, with what SIP does not tell left out. Times are compared within 200 ms. Each is also replayed',
    'byte by byte, and with all bytes at once.',
    '',
    `${same} of ${all.length} recordings are told right.`,
    '',
    '| recording | what happens | calls of lines | told |',
    '|---|---|---|---|',
    ...rows,
    '',
    '### What SIP does not tell',
    '',
    '| | Kamailio | Asterisk | FreeSWITCH |',
    '|---|---|---|---|',
    '| that a call which the line placed rings, is answered | told | not told | not told |',
    '| whom the line calls | told | not told | told |',
    '| hold by the line | not told | not told | told |',
    '| that the line is held by the other party | not told | told | not told |',
    '| missed, or answered elsewhere: by dialog-info alone | not told | not told | not told |',
    '| the same by a second device | told | told | told |',
    '| that the telephone was busy or refused | not told | second device | not told |',
    '| who ended an answered call | not told | not told | not told |',
    '| which calls of two lines are one | not told | not told | not told |',
  ];
}
