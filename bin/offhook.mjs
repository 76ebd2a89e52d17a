#!/usr/bin/env node
// Starts the command line on a Node that can run it. The published package has built files: Node 22.18 or later. A
// checkout has TypeScript sources, whose types Node itself strips: Node 24, which the checkout brings with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/src/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
const isCheckout = existsSync(source);
const [needMajor, needMinor] = isCheckout ? [24, 0] : [22, 18];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > needMajor || (major === needMajor && minor >= needMinor)) {
  const { main } = await import((isCheckout ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (isCheckout && existsSync(own)) {
    const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    // Ctrl-C in a terminal reaches the child by itself, too; it takes signals that come together for one.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 130);
    });
  } else {
    const remedy = isCheckout ? 'Run `npm ci`, which brings one.' : 'Install a newer Node and try again.';
    console.error(`offhook needs Node ${needMajor}.${needMinor} or later; this is ${process.version}. ${remedy}`);
    process.exitCode = 78;
  }
}
