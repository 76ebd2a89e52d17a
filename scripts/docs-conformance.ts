// Writes docs/conformance.md.
import { writeFileSync } from 'node:fs';
import { conformanceTable } from '../test/conformance/table.ts';

writeFileSync(new URL('../docs/conformance.md', import.meta.url), await conformanceTable());
