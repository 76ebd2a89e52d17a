import type { Adapter } from '../adapters/port.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import type { EngineOptions, LineConfig } from './engine.ts';

/** How many entries of the event log are kept, unless told otherwise. */
export const DEFAULT_JOURNAL_SIZE = 10_000;
/** How long cleared calls are kept, unless told otherwise. */
export const DEFAULT_KEEP_CLEARED_MS = 30_000;

/** An adapter under its name, with its lines. */
export interface LinkConfig {
  readonly link: LinkId;
  readonly adapter: Adapter;
  readonly lines: readonly MonitoredDevice[];
}

type LinesOfLinks = Map<LinkId, Map<DeviceId, MonitoredDevice>>;

/** Names every link and gives each line to its own. Throws `config.invalid` with the option as `field`. */
export function linkConfigs(options: EngineOptions): readonly LinkConfig[] {
  checkNumber('journalSize', options.journalSize, 1);
  checkNumber('keepClearedMs', options.keepClearedMs, 0);
  const links = nameLinks(options.adapters);
  const lines: LinesOfLinks = new Map(links.map(({ link }) => [link, new Map()]));
  for (const [index, line] of (options.lines ?? []).entries()) assign(lines, line, `lines[${index}]`);
  return links.map(({ link, adapter }) => ({ link, adapter, lines: [...lines.get(link)!.values()] }));
}

function nameLinks(adapters: readonly Adapter[]): readonly { readonly link: LinkId; readonly adapter: Adapter }[] {
  const seen = new Set<LinkId>();
  const counts = new Map<string, number>();
  return adapters.map((adapter, index) => {
    const count = (counts.get(adapter.kind) ?? 0) + 1;
    counts.set(adapter.kind, count);
    const link = adapter.link ?? `${adapter.kind}-${count}`;
    if (seen.has(link)) throw invalid(`adapters[${index}].link`, `Two adapters have the link name "${link}".`);
    seen.add(link);
    return { link, adapter };
  });
}

function assign(lines: LinesOfLinks, line: LineConfig, field: string): void {
  const { link, ...device } = line;
  if (typeof device.device !== 'string' || device.device === '') {
    throw invalid(`${field}.device`, 'A line needs a device: its dialling number.');
  }
  const only = lines.size === 1 ? [...lines.keys()][0] : undefined;
  const ofLink = lines.get(link ?? only ?? '');
  if (ofLink === undefined) {
    const names = [...lines.keys()].join(', ');
    const problem = link === undefined ? 'A line must name its link when there are several' : `No link "${link}"`;
    throw invalid(`${field}.link`, `${problem}; links: ${names}.`);
  }
  if (ofLink.has(device.device)) throw invalid(`${field}.device`, `Line ${device.device} is listed twice.`);
  ofLink.set(device.device, device);
}

function checkNumber(field: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isFinite(value) && value >= least)) return;
  throw invalid(field, `${field} must be a number of at least ${least}, not ${value}.`);
}

function invalid(field: string, message: string): OffhookError {
  return new OffhookError('config.invalid', message, { field });
}
