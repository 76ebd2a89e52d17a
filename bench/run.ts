// All benchmarks, one after the other: `npm run bench [-- --json]`. Some four minutes; ratios hold on a busy machine,
// absolute rates do not.
import { runBurstBench } from './burst.ts';
import { runEndToEndBench } from './end-to-end.ts';
import { runEngineBench } from './engine.ts';
import { runFreeswitchBench } from './freeswitch.ts';
import { runParseBench } from './parse.ts';
import { runRecognitionBench } from './recognition.ts';
import { type BenchResult, report } from './result.ts';
import { runScaleBench } from './scale.ts';

const BENCHES = {
  parse: runParseBench,
  'end-to-end': runEndToEndBench,
  freeswitch: runFreeswitchBench,
  burst: runBurstBench,
  engine: runEngineBench,
  scale: runScaleBench,
  recognition: runRecognitionBench,
};

const results: BenchResult[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (!process.argv.includes('--json')) console.error(`${name} ...`);
  results.push(...(await bench()));
}
report(results);
