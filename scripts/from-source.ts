// Lets the examples of a checkout import the package by its name without a build:
// `node --import ./scripts/from-source.ts examples/embed-engine.ts`, or `npm run example examples/embed-engine.ts`.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = new URL('..', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

registerHooks({
  resolve(specifier, context, next) {
    if (!/^offhook($|\/)/.test(specifier)) return next(specifier, context);
    const entry = exports[specifier.replace(/^offhook/, '.')];
    const source = entry?.default?.replace('./dist/', './').replace(/\.js$/, '.ts');
    return next(source === undefined ? specifier : new URL(source, root).href, context);
  },
});
