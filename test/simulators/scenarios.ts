import type { Preparation } from './stage.ts';

const forward = (family: 'CFU' | 'CFB' | 'CFN', from: string, to: string): Readonly<Record<string, string>> => ({
  Action: 'DBPut',
  Family: family,
  Key: from,
  Val: to,
});

/** What recorded scenarios need that their files do not tell. Those that are not here need nothing. */
export const SCENARIOS: Readonly<Record<string, Preparation>> = {
  'inbound-noanswer': { before: [{ Action: 'Setvar', Variable: 'RINGTIME', Value: '4' }] },
  'forward-all': { before: [forward('CFU', '1001', '1002')], registered: ['1001'] },
  'forward-busy': { before: [forward('CFB', '1001', '1002')], callerMoves: ['16'] },
  'forward-busy-external': { before: [forward('CFB', '1001', '00493023125042')], callerMoves: ['22'] },
  'forward-chain': {
    before: [forward('CFU', '1001', '1002'), forward('CFU', '1002', '1003')],
    registered: ['1001', '1002'],
  },
  'forward-external': {
    before: [forward('CFU', '1001', '00493023125042')],
    registered: ['1001'],
    callerMoves: ['16', '22'],
  },
  'forward-noanswer': { before: [forward('CFN', '1001', '1002')], callerMoves: ['22-cel'] },
  'forward-noanswer-internal': { before: [forward('CFN', '1001', '1002')] },
  'forward-by-phone': { callerMoves: ['16'] },
  'forward-by-user': { callerMoves: ['22', '16'] },
  'forward-unregistered': { before: [forward('CFN', '1001', '1002')], callerMoves: ['16'] },
  'hunt-local': { callerMoves: ['22-cel'] },
  'hunt-sequential': { registered: ['1003'] },
  'hunt-sequential-abandoned': { registered: ['1003'] },
  'caller-asserted': { asserted: { caller: { number: '+442079460991', name: 'Carol Customer' } } },
  'caller-withheld-asserted': {
    asserted: { caller: { number: '+442079460991', name: 'Carol Customer', withheld: true } },
  },
  'caller-diverted': {
    asserted: { caller: { number: '+442079460991', name: 'Carol Customer', divertedFrom: '+442079460555' } },
  },
  'caller-spoofs-extension': { registered: ['1002'] },
  'queue-member-paused': { registered: ['1001'] },
  'queue-round-robin': { registered: ['1006'] },
  'ami-late-join': { late: true },
  'ami-login-refused': { noLogin: true },
  'ami-reconnect': { registered: ['1002'] },
  'ami-registrations': { absent: ['1001'] },
};
