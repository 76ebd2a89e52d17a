// Walks through the state machines and tells which states and transitions the walks covered: `npm run coverage:machines`,
// with `-- --json` for programs. Fails when something is not covered and nobody explained why.
import { MACHINES, measure, tableOf, unexplained } from '../test/machines/measure.ts';
import { UNREACHABLE } from '../test/machines/unreachable.ts';

const reports = MACHINES.map(measure);
const open = reports.flatMap(unexplained);
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ machines: reports, unreachable: UNREACHABLE, unexplained: open }, undefined, 2));
} else console.log(tableOf(reports));
for (const name of open) console.error(`not covered: ${name}`);
process.exitCode = open.length > 0 ? 1 : 0;
