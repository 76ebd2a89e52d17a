import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from './install.ts';
import { PHONE_NAMES } from './people.ts';

const TEMPLATES = new URL('templates/', import.meta.url);

/** The ports of an instance, all of them on loopback addresses. */
export interface Ports {
  readonly ami: number;
  readonly http: number;
  readonly sip: number;
  /** Where calls to the outside go, at 127.0.0.2. */
  readonly trunk: number;
  /** The first of the ports for audio. */
  readonly rtp: number;
}

/** What an instance may be told besides. */
export interface ConfigurationOptions {
  /** Extensions from 1001 up. Default 10. */
  readonly phones?: number;
  /** Begins every unique id, as on sites with several switches. Default: none. */
  readonly systemName?: string;
  /** CEL events as well. Default false. */
  readonly cel?: boolean;
}

const RTP_PORTS = 400;

/** Writes all that an instance needs into its folder; resolves with the path of its main configuration file. */
export async function writeConfiguration(
  folder: string,
  installation: Installation,
  ports: Ports,
  { phones = PHONE_NAMES.length, systemName = '', cel = false }: ConfigurationOptions = {},
): Promise<string> {
  const path = (name: string) => join(folder, name);
  for (const name of [
    'cache',
    'etc',
    'lib/keys',
    'log',
    'moh',
    'run',
    'spool/outgoing',
    'spool/tmp',
    'spool/voicemail',
  ]) {
    await mkdir(path(name), { recursive: true });
  }
  const values: Readonly<Record<string, string | number>> = {
    AMI_PORT: ports.ami,
    CACHE: path('cache'),
    CEL: cel ? 'yes' : 'no',
    DATA: join(installation.root, 'usr/share/asterisk'),
    ETC: path('etc'),
    HTTP_PORT: ports.http,
    LIB: path('lib'),
    LOG: path('log'),
    MODULES: installation.modules,
    MOH: path('moh'),
    RTP_END: ports.rtp + RTP_PORTS - 1,
    RTP_START: ports.rtp,
    RUN: path('run'),
    SBIN: join(installation.root, 'usr/sbin'),
    SIP_PORT: ports.sip,
    SPOOL: path('spool'),
    SYSTEM_NAME: systemName,
    TRUNK_PORT: ports.trunk,
  };
  for (const name of await readdir(TEMPLATES)) {
    const template = await readFile(new URL(name, TEMPLATES), 'utf8');
    await writeFile(path(`etc/${name}`), fill(name, template, values));
  }
  const extensions = Array.from({ length: phones }, (_, index) => 1001 + index);
  await writeFile(path('etc/pjsip_phones.conf'), extensions.map(phoneSection).join('\n'));
  await writeFile(
    path('etc/extensions_hints.conf'),
    extensions.map((ext) => `exten => ${ext},hint,PJSIP/${ext}\n`).join(''),
  );
  // Ten seconds of silence as music on hold: the events are real, the line is quiet.
  await writeFile(path('moh/silence.ulaw'), Buffer.alloc(80_000, 0xff));
  return path('etc/asterisk.conf');
}

function fill(name: string, template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/@([A-Z_]{2,})@/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name}: there is no value for @${key}@`);
    return String(value);
  });
}

function phoneSection(extension: number): string {
  const name = (PHONE_NAMES[extension - 1001] ?? `Phone ${extension}`).replaceAll('"', '\\"');
  const group = (Math.floor((extension - 1001) / 10) % 60) + 1;
  return `[${extension}](phone)
auth=${extension}
aors=${extension}
callerid="${name}" <${extension}>
call_group=${group}
pickup_group=${group}
set_var=CALLTAG=ext-${extension}

[${extension}](phone-auth)
username=${extension}
password=secret${extension}

[${extension}](phone-aor)
`;
}
