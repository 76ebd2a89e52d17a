import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OffhookError } from '../../domain/error.ts';
import { timelineText } from '../../testing/timeline-text.ts';
import { type Outcome, placeOf, type Summary } from './outcome.ts';
import type { Reporter } from './reporter.ts';

/** Writes a report when the run is over. Rejects with `cli.usage` where the file cannot be written. */
export function junitReporter(file: string): Reporter {
  return {
    async summary(summary, outcomes) {
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, junitXml(summary, outcomes));
      } catch (cause) {
        const { message } = cause as Error;
        throw new OffhookError('cli.usage', `The report cannot be written: ${message}`, { cause, field: '--junit' });
      }
    },
  };
}

/** A report in the XML of JUnit, as continuous-integration servers read it: a suite for each folder, a case for each scenario. */
export function junitXml({ against }: Pick<Summary, 'against'>, outcomes: readonly Outcome[]): string {
  const suites = Map.groupBy(outcomes, ({ file }) => dirname(file));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="offhook simulate run" ${counts(outcomes)}>`,
    ...[...suites].flatMap(([folder, cases]) => suite(folder, cases, against)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(folder: string, outcomes: readonly Outcome[], against: string): string[] {
  return [
    `  <testsuite name="${attribute(folder)}" ${counts(outcomes)}>`,
    `    <properties><property name="against" value="${attribute(against)}"/></properties>`,
    ...outcomes.flatMap((outcome) => testcase(outcome, folder)),
    '  </testsuite>',
  ];
}

function testcase(outcome: Outcome, folder: string): string[] {
  const { file, scenario } = outcome;
  const head = `    <testcase name="${attribute(scenario.name)}" classname="${attribute(folder)}" file="${attribute(file)}" time="${timeOf(outcome)}"`;
  if (outcome.status === 'passed') return [`${head}/>`];
  if (outcome.status === 'skipped')
    return [`${head}>`, `      <skipped message="${attribute(outcome.reason)}"/>`, '    </testcase>'];
  const { problems, timeline } = outcome.result;
  const told = problems.map((problem) => `${placeOf(file, problem)}: ${problem.text}`);
  return [
    `${head}>`,
    `      <failure message="${attribute(problems[0]?.text ?? 'failed')}">${escaped(told.join('\n'))}`,
    '',
    `${escaped(timelineText(timeline, 200))}</failure>`,
    '    </testcase>',
  ];
}

function counts(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']): number => outcomes.filter((one) => one.status === status).length;
  const time = outcomes.reduce((sum, outcome) => sum + Number(timeOf(outcome)), 0).toFixed(3);
  return `tests="${outcomes.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${time}"`;
}

/** Seconds, in the time of the scenario. */
function timeOf(outcome: Outcome): string {
  return (outcome.status === 'skipped' ? 0 : outcome.result.lastedMs / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text between tags. What XML 1.0 cannot hold (production 2, Char) is shown as `�`. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
    .replaceAll('\r', '&#13;');
}

/** The value of an attribute, whose line feeds and tabs would be read as blanks. */
function attribute(text: string): string {
  return escaped(text).replace(/[\n\t]/g, (char) => `&#${char.charCodeAt(0)};`);
}
