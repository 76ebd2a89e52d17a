#!/usr/bin/env node
// Starts the command line on a Node that can run it: the built files of the published package, or the TypeScript
// sources of a checkout, whose types Node itself strips (22.18 or later; the checkout brings its own Node 24).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/src/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const recentEnough = major > 22 || (major === 22 && minor >= 18);

if (recentEnough) {
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (existsSync(own)) {
    const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    // Ctrl-C in a terminal reaches the child by itself, too; it takes signals that come together for one.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 130);
    });
  } else {
    console.error(`offhook needs Node 22.18 or later; this is ${process.version}. Install a newer Node and try again.`);
    process.exitCode = 78;
  }
}
