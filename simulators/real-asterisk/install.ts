import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** The releases that the rig knows: 22 of Debian sid, 16 of Debian bullseye. */
export type AsteriskRelease = '22' | '16';

/** Told what goes on, a line at a time. */
export type Say = (line: string) => void;

/** An Asterisk that lies unpacked in a folder and runs with the libraries of that folder. */
export interface Installation {
  readonly release: AsteriskRelease;
  /** The version in full, as Debian names it: `1:22.10.1~dfsg...`. */
  readonly packageVersion: string;
  readonly root: string;
  readonly modules: string;
  /** The dynamic loader that starts it, and the arguments before the program's own. */
  readonly command: string;
  readonly commandArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

const SUITES: Readonly<Record<AsteriskRelease, { suite: string; packages: readonly string[]; more: string }>> = {
  '22': { suite: 'sid', packages: ['asterisk'], more: '' },
  '16': { suite: 'bullseye', packages: ['asterisk', 'asterisk-voicemail'], more: '|icu' },
};

// Of all that Debian would install with Asterisk (80 MB), what these scenarios need (18 MB). It only saves time: when
// something turns out to be missing, everything is taken.
const NEEDED =
  'asterisk|asterisk-modules|asterisk-voicemail|asterisk-core-sounds-en-gsm|libc6|zlib1g|lib(?:bsd|cap|crypt|edit' +
  '|gcc-s|gcrypt|gpg-error|gsm|jansson|lz4-|lzma|md|sqlite3-|ssl|stdc\\+\\+|systemd|tinfo|uriparser|uuid|xml2-?|xslt|zstd';

const REQUIRED_MODULES = [
  'app_confbridge',
  'app_dial',
  'app_queue',
  'app_voicemail',
  'bridge_simple',
  'bridge_softmix',
  'cdr_manager',
  'chan_pjsip',
  'codec_gsm',
  'codec_ulaw',
  'format_gsm',
  'func_callerid',
  'pbx_config',
  'res_parking',
  'res_pjsip',
  'res_pjsip_refer',
  'res_pjsip_session',
  'res_timing_timerfd',
];

const LEFT_OUT = [
  './dev',
  './etc',
  './usr/include',
  './usr/lib/*/gconv',
  './usr/share/asterisk/conf',
  './usr/share/bug',
  './usr/share/doc*',
  './usr/share/i18n',
  './usr/share/lintian',
  './usr/share/locale',
  './usr/share/man',
  './var',
];

const KEYRINGS = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);

/** Where installations are kept: `OFFHOOK_PBX_HOME`, else a folder under the user's cache directory. */
export function pbxHome(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.OFFHOOK_PBX_HOME || join(cache, 'offhook', 'pbx');
}

/**
 * Makes sure that a release is there; downloads and unpacks Debian's packages on first use, which takes some ten
 * seconds. Nothing is installed on the host: apt works with a configuration and a package database of its own, checks
 * signatures as ever, and no maintainer script runs. Rejects with what to do when apt, a mirror or its network is
 * missing.
 */
export async function installAsterisk(release: AsteriskRelease, say: Say = () => {}): Promise<Installation> {
  const folder = join(pbxHome(), release);
  if (!existsSync(join(folder, 'packages.txt'))) await download(release, folder, say);
  return describe(release, folder);
}

async function download(release: AsteriskRelease, folder: string, say: Say): Promise<void> {
  await mkdir(pbxHome(), { recursive: true });
  const work = await mkdtemp(join(pbxHome(), '.install-'));
  try {
    const { suite, packages, more } = SUITES[release];
    const apt = await privateApt(join(work, 'apt'), suite);
    say(`reading the package index of Debian ${suite}`);
    await apt('update');
    // apt takes it lightly when it cannot read any index.
    const indices = (await readdir(join(work, 'apt', 'lists'))).filter((name) => name.includes('_Packages'));
    if (indices.length === 0) throw unreachable('no package index could be read');
    const needed = new RegExp(`^(?:${NEEDED}${more})[0-9.]*(?:t64)?)$`);
    await unpack(apt, packages, needed, work, say);
    try {
      await prune(join(work, 'root'), say);
    } catch (error) {
      say(`the short list of packages does not do (${(error as Error).message}); taking all of them`);
      await unpack(apt, packages, /./, work, say);
      await prune(join(work, 'root'), say);
    }
    await moveIntoPlace(work, folder);
    say(`Asterisk ${release} is installed in ${folder}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** In one step, so that whatever interrupts it leaves nothing half done; when another process was faster, fine. */
async function moveIntoPlace(work: string, folder: string): Promise<void> {
  const done = join(work, 'done');
  await mkdir(done);
  for (const name of ['root', 'packages.txt']) await rename(join(work, name), join(done, name));
  try {
    await rename(done, folder);
  } catch (error) {
    if (!existsSync(join(folder, 'packages.txt'))) throw error;
  }
}

type Apt = (...words: readonly string[]) => Promise<string>;

async function privateApt(folder: string, suite: string): Promise<Apt> {
  for (const tool of ['apt-get', 'dpkg-deb', 'tar']) {
    if (!inPath(tool)) throw new Error(`the PBX rig needs ${tool}: run it on Debian or another system with apt`);
  }
  const keyring = KEYRINGS.find((file) => existsSync(file));
  if (keyring === undefined)
    throw new Error('no keys of the Debian archive: install the package debian-archive-keyring');
  const mirror = process.env.OFFHOOK_PBX_MIRROR || (await hostMirror());
  for (const name of ['lists/partial', 'archives/partial', 'empty', 'state']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  await writeFile(join(folder, 'apt.conf'), aptConfiguration(folder));
  const env = { ...process.env, LC_ALL: 'C', APT_CONFIG: join(folder, 'apt.conf') };
  return async (...words) => {
    try {
      return (await run('apt-get', ['-qq', ...words], { env, cwd: folder, maxBuffer: 1 << 26 })).stdout;
    } catch (error) {
      throw unreachable(`apt-get ${words.join(' ')}: ${(error as { stderr?: string }).stderr ?? error}`, error);
    }
  };
}

function unreachable(what: string, cause?: unknown): Error {
  return new Error(
    `cannot fetch Asterisk (${what.trim()}). Is there a network, and does apt reach a Debian mirror? If not, set ` +
      'OFFHOOK_PBX_MIRROR to the address of one that it reaches, or OFFHOOK_PBX_HOME to a folder in which the rig ' +
      'has installed Asterisk before.',
    { cause },
  );
}

function aptConfiguration(folder: string): string {
  const settings: Readonly<Record<string, string>> = {
    'Dir::Etc': folder,
    'Dir::Etc::main': `${folder}/none`,
    'Dir::Etc::parts': `${folder}/empty`,
    'Dir::Etc::preferences': `${folder}/preferences`,
    'Dir::Etc::preferencesparts': `${folder}/empty`,
    'Dir::Etc::sourcelist': `${folder}/sources.list`,
    'Dir::Etc::sourceparts': `${folder}/empty`,
    'Dir::Etc::trusted': `${folder}/none`,
    'Dir::Etc::trustedparts': `${folder}/empty`,
    'Dir::State': `${folder}/state`,
    'Dir::State::lists': `${folder}/lists`,
    'Dir::State::status': `${folder}/status`,
    'Dir::Cache': folder,
    'Dir::Cache::archives': `${folder}/archives`,
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
    'Acquire::PDiffs': 'false',
    'Acquire::Retries': '3',
    // A snapshot or a mirror that stands still will do. Signatures are checked all the same.
    'Acquire::Check-Valid-Until': 'false',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join('');
}

/** The mirror that the host itself uses; apt tells it without having read any index. */
async function hostMirror(): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout } = await run('apt-get', ['update', '--print-uris'], { env, maxBuffer: 1 << 24 });
  const mirror = /^'([^' ]*\/debian)\/+dists\//m.exec(stdout)?.[1];
  if (mirror === undefined) {
    throw new Error("this system's apt knows no Debian mirror: set OFFHOOK_PBX_MIRROR to the address of one");
  }
  return mirror;
}

async function unpack(apt: Apt, packages: readonly string[], filter: RegExp, work: string, say: Say): Promise<void> {
  const plan = await apt('-s', 'install', ...packages);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name = '']) => (filter.test(name) ? [name] : []));
  if (names.length === 0) throw new Error('apt found none of the packages');
  const root = join(work, 'root');
  await rm(root, { recursive: true, force: true });
  await mkdir(root);
  await apt('download', ...names);
  const archives = (await readdir(join(work, 'apt'))).filter((name) => name.endsWith('.deb')).sort();
  say(`unpacking ${archives.length} packages`);
  const list: string[] = [];
  for (const archive of archives) {
    const file = join(work, 'apt', archive);
    const tar = join(work, 'package.tar');
    await run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', file, tar]);
    await run('tar', ['-x', '-f', tar, '-C', root, '--no-same-owner', ...LEFT_OUT.map((path) => `--exclude=${path}`)]);
    const { stdout } = await run('dpkg-deb', [
      '-W',
      '--showformat',
      `\${Package} \${Version} \${Architecture}\n`,
      file,
    ]);
    list.push(stdout);
  }
  await writeFile(join(work, 'packages.txt'), list.join(''));
  // The sounds' package leaves this link to its installation script.
  const sounds = join(root, 'usr/share/asterisk/sounds/en');
  await rm(sounds, { force: true, recursive: true });
  await symlink('en_US_f_Allison', sounds);
  await makeLinksRelative(root, root);
}

/** Links to absolute paths (the loader of bullseye is one) would leave the root. */
async function makeLinksRelative(root: string, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeLinksRelative(root, path);
    if (!entry.isSymbolicLink()) continue;
    const target = await readlink(path);
    if (!target.startsWith('/') || !existsSync(join(root, target))) continue;
    await unlink(path);
    await symlink(relative(dirname(path), join(root, target)), path);
  }
}

/** Deletes the modules whose libraries were left out; throws when one that we need is not there afterwards. */
async function prune(root: string, say: Say): Promise<void> {
  const loader = await loaderOf(root);
  const modules = await modulesOf(root);
  const libraries = (await libraryFolders(root)).join(':');
  const complete = async (file: string) => {
    const { stdout } = await run(loader, ['--inhibit-cache', '--library-path', libraries, '--list', file]);
    return stdout
      .split('\n')
      .every(
        (line) => line === '' || /linux-vdso|ld-linux|statically linked/.test(line) || line.includes(`=> ${root}/`),
      );
  };
  if (!(await complete(join(root, 'usr/sbin/asterisk')).catch(() => false))) throw new Error('a library is missing');
  const files = (await readdir(modules)).filter((name) => name.endsWith('.so'));
  let kept = 0;
  for (const file of files) {
    if (await complete(join(modules, file)).catch(() => false)) kept++;
    else await unlink(join(modules, file));
  }
  const missing = REQUIRED_MODULES.filter((name) => !existsSync(join(modules, `${name}.so`)));
  if (missing.length > 0) throw new Error(`modules are missing: ${missing.join(', ')}`);
  say(`${kept} modules kept, ${files.length - kept} left out`);
}

async function describe(release: AsteriskRelease, folder: string): Promise<Installation> {
  const root = join(folder, 'root');
  const packages = await readFile(join(folder, 'packages.txt'), 'utf8');
  const libraries = await libraryFolders(root);
  const openssl = libraries.map((path) => join(path, 'ossl-modules')).find((path) => existsSync(path));
  return {
    release,
    root,
    packageVersion: /^asterisk (\S+)/m.exec(packages)?.[1] ?? release,
    modules: await modulesOf(root),
    command: await loaderOf(root),
    commandArguments: ['--inhibit-cache', '--library-path', libraries.join(':'), join(root, 'usr/sbin/asterisk')],
    // The host's OpenSSL has nothing to say to the libraries of the root.
    environment: { LC_ALL: 'C.UTF-8', OPENSSL_CONF: '/dev/null', ...(openssl && { OPENSSL_MODULES: openssl }) },
  };
}

async function loaderOf(root: string): Promise<string> {
  for (const folder of [...(await libraryFolders(root)), join(root, 'usr/lib64'), join(root, 'lib64')]) {
    if (!existsSync(folder)) continue;
    const name = (await readdir(folder)).find((file) => /^ld-linux.*\.so\./.test(file));
    if (name !== undefined) return join(folder, name);
  }
  throw new Error('the dynamic loader is missing');
}

async function modulesOf(root: string): Promise<string> {
  const folders = (await libraryFolders(root)).map((path) => join(path, 'asterisk', 'modules'));
  const found = folders.find((path) => existsSync(path));
  if (found === undefined) throw new Error('the modules of Asterisk are missing');
  return found;
}

async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of ['usr/lib', 'lib']) {
    const folder = join(root, base);
    if (!existsSync(folder)) continue;
    const names = (await readdir(folder)).filter((name) => name.includes('-linux-gnu'));
    found.push(...names.map((name) => join(folder, name)), folder);
  }
  return found;
}

/** True when a program is in the search path. */
export function inPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
