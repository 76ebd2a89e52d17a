/** The classes of events and actions that a user may read or write (manager.conf). */
export type EventClass =
  | 'system'
  | 'call'
  | 'log'
  | 'verbose'
  | 'command'
  | 'agent'
  | 'user'
  | 'config'
  | 'dtmf'
  | 'reporting'
  | 'cdr'
  | 'dialplan'
  | 'originate'
  | 'message'
  | 'agi'
  | 'cc'
  | 'aoc'
  | 'test'
  | 'security';

/** All classes, in the order in which `Privilege` headers name them. */
const EVENT_CLASSES: readonly EventClass[] = [
  'system',
  'call',
  'log',
  'verbose',
  'command',
  'agent',
  'user',
  'config',
  'dtmf',
  'reporting',
  'cdr',
  'dialplan',
  'originate',
  'agi',
  'cc',
  'aoc',
  'test',
  'security',
  'message',
];

/** A set of classes as a configuration or an EventMask writes it: `all`, `on`, `off`, or names with commas. */
export function parseClasses(spec: string | readonly string[]): ReadonlySet<EventClass> {
  const words = (typeof spec === 'string' ? spec.split(',') : spec).map((word) => word.trim().toLowerCase());
  if (words.some((word) => word === 'all' || word === 'on' || word === 'true' || word === 'yes' || word === '-1'))
    return new Set(EVENT_CLASSES);
  return new Set(EVENT_CLASSES.filter((name) => words.includes(name)));
}
