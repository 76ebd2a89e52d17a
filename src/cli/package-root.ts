import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, in a checkout and in the published form alike. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'offhook') return folder;
    if (dirname(folder) === folder) throw new Error('The package of this program is incomplete: no package.json.');
  }
}

/** The version of the package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}

/** How this program is called in examples: by its name, or in a checkout by its file. */
export function selfCommand(): string {
  return existsSync(join(packageRoot(), 'src', 'cli')) ? 'node bin/offhook.mjs' : 'offhook';
}
