// How well callers are recognised: npm run corpus [-- --json]
import { isKnownMiss, readCorpus } from '../test/corpus/corpus.ts';
import { inLocalIndex } from '../test/corpus/local-index.ts';
import { measure } from '../test/corpus/measure.ts';

const corpus = readCorpus();
const { triples, recognised, missed, wrong, strangers } = await measure(corpus, inLocalIndex);

if (process.argv.includes('--json')) {
  const misses = missed.map(({ country, written, presented }) => ({ country: country.country, written, presented }));
  console.log(JSON.stringify({ countries: corpus.length, triples, recognised, strangers, missed: misses, wrong }));
} else {
  const share = ((100 * recognised) / triples).toFixed(2);
  console.log(
    `${corpus.length} countries, ${triples} triples of contact, caller and numbering plan, ${strangers} strangers`,
  );
  console.log(`recognised:  ${recognised} (${share} %)`);
  console.log(`wrong names: ${wrong.length}`);
  for (const { country, presented, told } of wrong) console.log(`  ${country}: ${presented} was told to be ${told}`);
  for (const { country, missed: reasons } of corpus)
    for (const { presented, written, why } of reasons)
      console.log(`missed: ${country}, ${presented ?? written}. ${why}`);
  const open = missed.filter((triple) => !isKnownMiss(triple));
  for (const { country, written, presented } of open)
    console.log(`missed, and not known why: ${country.country}: '${written}' when '${presented}' calls`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
