import { VERBS } from './act-grammar.ts';
import type { Act } from './act-sentences.ts';
import { SERVICES } from './client-sentences.ts';
import type { Fault } from './fault.ts';
import type { FaultWords } from './fault-sentences.ts';
import type { Shown } from './scenario.ts';
import type { Sentence } from './sentences.ts';
import { timeText } from './time-words.ts';

/** The sentence of a step in its usual form: what {@link readSentence} reads as the same step. */
export function sentenceOf(step: Sentence): string {
  switch (step.kind) {
    case 'act':
      return actText(step);
    case 'wait':
      return `wait ${timeText(step.ms)}`;
    case 'client':
      return `the client ${step.does}`;
    case 'command':
      return commandText(step);
    case 'check':
      return words(step.line, 'is', step.state, within(step.ms));
    case 'fault':
      return faultText(step);
  }
}

/** The sentence of a fault. */
export function faultText({ fault, lastsMs }: FaultWords): string {
  return words(faultWords(fault), lastsMs === undefined ? undefined : `for ${timeText(lastsMs)}`);
}

function faultWords(fault: Fault): string {
  switch (fault.type) {
    case 'link-down':
      return 'the link drops';
    case 'link-silent':
      return 'the link goes silent';
    case 'link-slow':
      return `the link is slow at ${fault.bytesPerSecond} bytes/s`;
    case 'writes-split':
      return `writes are split into ${fault.bytes} bytes`;
    case 'writes-joined':
      return `writes are joined over ${timeText(fault.ms)}`;
    case 'restart':
      return `the switch restarts after ${timeText(fault.ms)}`;
    case 'logins-refused':
      return 'logins are refused';
    case 'snapshot-slow':
      return `snapshots are slow by ${timeText(fault.ms)}`;
    case 'snapshot-stale':
      return 'snapshots are stale';
    case 'clock-skew':
      return `the clock is ${timeText(Math.abs(fault.ms))} ${fault.ms < 0 ? 'behind' : 'ahead'}`;
    case 'events-twice':
      return 'events come twice';
    case 'events-late':
      return `events come late by ${timeText(fault.ms)}`;
    case 'burst':
      return `a burst of ${fault.events} events`;
    case 'requests-unanswered':
      return 'requests are unanswered';
    case 'requests-put-off':
      return `requests are put off by ${timeText(fault.ms)}`;
    case 'events-first':
      return 'events come first';
    case 'offers-cut':
      return 'offers are cut';
    case 'garbage':
      return 'garbage arrives';
  }
}

function actText({ who, verb, leg, with: other, number, what, shows, status, silent, inactive, ms }: Act): string {
  const form = VERBS[verb];
  const argument = {
    number,
    'maybe-number': number,
    keys: number,
    'to-number': `to ${number}`,
    leg: other,
    seen: what,
    'for-time': `for ${timeText(ms ?? 0)}`,
  };
  const clauses = {
    as: leg,
    on: leg,
    showing: shows && shownText(shows),
    with: status,
    silently: silent === true ? '' : undefined,
    inactive: inactive === true ? '' : undefined,
    within: ms === undefined ? undefined : timeText(ms),
    every: ms === undefined ? undefined : timeText(ms),
  };
  const said = form.clauses.map((clause) =>
    clauses[clause] === undefined ? undefined : words(clause, String(clauses[clause])),
  );
  return words(who, ...form.words, form.argument && argument[form.argument], ...said);
}

function shownText({ number, name }: Shown): string {
  const shownNumber = number === null ? 'no number' : number;
  const shownName = name === null ? 'no name' : name === undefined ? undefined : quoted(name);
  return words(shownNumber, shownName);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function commandText({ service, line, number = '', mark }: Extract<Sentence, { kind: 'command' }>): string {
  const { words: verb, order, between } = SERVICES[service];
  const operands = {
    line: [line],
    'number-line': [number, between, line],
    'line-number': [line, between, number],
  }[order];
  return words('the client', ...verb, ...operands, mark === undefined ? undefined : `as ${mark}`);
}

function within(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `within ${timeText(ms)}`;
}

function words(...texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== '').join(' ');
}
