import type { Command } from 'commander';
import { checkClock, checkLines, checkReading, checkVersion, checkWriting } from './doctor/checks.ts';
import { examineFreeswitch } from './doctor/freeswitch.ts';
import { type Check, fail, isHealthy, MARKS, ok } from './doctor/report.ts';
import { ConnectFailure, withLink as connectLink } from './doctor/session.ts';
import { examineSip } from './doctor/sip.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import { type LinkOptions, type MeantLink, meantLink, withLink } from './link-options.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';
import { sanitise } from './view/text.ts';
import { createTheme, wantsColour } from './view/theme.ts';

type DoctorOptions = CommonOptions & LinkOptions;

/** `offhook doctor`. Ends with 1 when a check failed. */
export function doctorCommand({ io, exitWith }: CliContext): Command {
  return withLink(
    verb('doctor', 'examine the link to a PBX: reachable, logged in, permitted, on time, which lines'),
  ).action(async (options: DoctorOptions) => {
    const meant = meantLink(options, io);
    const checks = await examine(meant, io);
    const healthy = isHealthy(checks);
    if (!healthy) exitWith(EXIT.failed);
    if (options.json === true) printJson(io, { ok: healthy, checks });
    else print(checks, io);
  });
}

/** All checks, as far as the link lets them come. Rejects with what is no finding: `config.invalid`, an interruption. */
async function examine(meant: MeantLink, io: CliIo): Promise<Check[]> {
  const { config, link } = meant;
  if (meant.type === 'freeswitch-esl') return examineFreeswitch(meant.connect, linesOf(config, link), io);
  if (meant.type === 'sip') return examineSip(meant.sip, linesOf(config, link), io);
  const { connect } = meant;
  const where = `${connect.host}:${connect.port ?? (connect.tls ? 5039 : 5038)}`;
  try {
    return await connectLink(connect, io, async (examined) => [
      ok('reachable', `${where} is reachable.`),
      ok('greeting', `An Asterisk manager answers (AMI ${sanitise(examined.amiVersion)}).`),
      ok('login', `${sanitise(connect.username)} is logged in.`),
      await checkVersion(examined),
      ...(await checkReading(examined, connect.username)),
      ...(await checkWriting(examined)),
      await checkClock(examined, io.clock),
      ...(await checkLines(examined, linesOf(config, link))),
    ]);
  } catch (error) {
    if (error instanceof ConnectFailure) return failedEarly(where, error);
    throw error;
  }
}

function linesOf(config: MeantLink['config'], link: MeantLink['link']) {
  const lines = config?.lines ?? [];
  return lines.filter((line) => line.link === undefined || line.link === link?.name);
}

function failedEarly(where: string, { code, message, greeted }: ConnectFailure): Check[] {
  const said = `${sanitise(message.charAt(0).toUpperCase() + message.slice(1))}.`;
  if (code === 'link.not-ami') {
    const remedy = /auth\/request/.test(message)
      ? 'This is the event socket of a FreeSWITCH: say --pbx freeswitch-esl.'
      : 'Give the manager port (5038; 5039 for TLS), not that of SIP or of a web page.';
    return [ok('reachable', `${where} is reachable.`), fail('greeting', said, remedy, code)];
  }
  if (!greeted) return [fail('reachable', said, REACH, code)];
  const known = [ok('reachable', `${where} is reachable.`), ok('greeting', 'An Asterisk manager answers.')];
  return [...known, fail('login', said, LOGIN, code)];
}

const REACH =
  'Check host and port, that manager.conf has enabled = yes and a bindaddr that this machine reaches, and the firewall.';
const LOGIN = 'Compare user name, secret and permit/deny lines with manager.conf; then: asterisk -rx "manager reload".';

function print(checks: readonly Check[], io: CliIo): void {
  const theme = createTheme(wantsColour(io.stdout, io.env));
  const colours = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const;
  for (const { verdict, message, remedy } of checks) {
    io.stdout.write(`${theme.colour(colours[verdict], MARKS[verdict])} ${message}\n`);
    if (remedy !== undefined) io.stdout.write(`    ${theme.dim(remedy)}\n`);
  }
}
