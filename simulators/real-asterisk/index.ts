/**
 * A real Asterisk, telephones to play scenarios on it, and the truth about what happened.
 *
 *     await using pbx = await startAsterisk({ version: '22', log: console.error });
 *     for (const scenario of await ownScenarios()) {
 *       if (reasonNotToPlay(scenario) !== undefined) continue;
 *       const truth = await playScenario(pbx, scenario);
 *       // truth.extensions['1001'][0].states: what a user of CTI should have seen, and when
 *     }
 *
 * - `startAsterisk` downloads Debian's packages on first use (18 MB, some ten seconds, no root, nothing is installed
 *   on the host) into `OFFHOOK_PBX_HOME`, by default `offhook/pbx` in the user's cache directory; later starts take two
 *   seconds. `OFFHOOK_PBX_MIRROR` names a Debian mirror, by default the one that the host's apt uses. All listeners are
 *   on loopback addresses, on ports that were free; several instances may run at once. Disposing of it ends it and
 *   deletes its files; it also ends with this process.
 * - `playScenario` brings up the telephones that a scenario names, plays its steps, checks that each did happen, and
 *   resolves with the truth: the format of `test/fixtures/asterisk`, and `startedAt`, the zero of its times in
 *   milliseconds since the epoch. It rejects when something did not go as planned. Scenarios are to be played one
 *   after the other on an instance: each first waits until no call is left.
 * - A client under test connects by itself, to `pbx.host`, `pbx.amiPort` as `pbx.user` with `pbx.secret`, before
 *   `playScenario`, or in `onClient` where `scenario.late` wants it to come during calls. The scenario's own client
 *   sends its requests; `onAction` gets them first and may have the client under test do them instead. Leave out the
 *   group `destructive`, which takes the switch down, and scenarios whose client is a stranger (`isStranger`).
 * - `recordScenario` does the same and also keeps all AMI and SIP messages; `record.ts` makes recordings with it.
 *
 * Its numbers, extensions and manager users are described in README.md.
 */
export { type AmiFields, type AmiHeaders, AmiRecorder, amiHeaders } from './ami-recorder.ts';
export { type Asterisk, type AsteriskOptions, startAsterisk } from './asterisk.ts';
export { type AsteriskRelease, installAsterisk, pbxHome, type Say } from './install.ts';
export { reasonNotToPlay } from './playable.ts';
export { isStranger, type PlayOptions, playScenario, type Recording, recordScenario } from './player.ts';
export type { Truth } from './truth.ts';
