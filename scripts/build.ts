// Builds what is published: `dist/`, with the folders as they are here. A checkout needs no build: Node strips its types.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));

rmSync(new URL('dist', root), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
// What is read at run time, beside the code that reads it.
for (const folder of ['simulators/scenarios', 'simulators/real-asterisk/templates']) {
  cpSync(new URL(folder, root), new URL(`dist/${folder}`, root), { recursive: true });
}
process.exitCode = status ?? 1;
