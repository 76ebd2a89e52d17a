import { writeFileSync } from 'node:fs';
import { DIFFERENCES } from '../test/simulators/differences.ts';
import { differencesPage } from '../test/simulators/differences-page.ts';

// Writes the page about where the simulator differs from the real thing; a test holds it.
writeFileSync(new URL('../simulators/asterisk-ami/DIFFERENCES.md', import.meta.url), differencesPage(DIFFERENCES));
