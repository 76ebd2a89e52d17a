import type { DeviceState } from '../model/events.ts';
import { parkedCalls } from '../model/parking.ts';
import type { Action, ActionContext, ListItem } from './action.ts';
import type { Header } from './message.ts';
import { deviceName } from './names.ts';
import { parkingHeaders } from './service-events.ts';
import { DEVICE_STATES } from './texts.ts';

/** Lists of devices, extensions, endpoints and parking places. */
export const STATE_LISTS: readonly Action[] = [
  {
    name: 'ExtensionStateList',
    classes: ['call', 'reporting'],
    summary: 'List the current known extension states.',
    run: extensionStateList,
  },
  { name: 'ExtensionState', classes: ['call', 'reporting'], summary: 'Check Extension Status.', run: extensionState },
  {
    name: 'DeviceStateList',
    classes: ['call', 'reporting'],
    summary: 'List the current known device states.',
    run: deviceStateList,
  },
  {
    name: 'PJSIPShowEndpoints',
    classes: ['system', 'reporting'],
    summary: 'Lists PJSIP endpoints.',
    run: showEndpoints,
  },
  {
    name: 'PJSIPShowEndpoint',
    classes: ['system', 'reporting'],
    summary: 'Detail listing of an endpoint and its objects.',
    run: showEndpoint,
  },
  { name: 'PJSIPShowContacts', classes: ['system', 'reporting'], summary: 'Lists PJSIP Contacts.', run: showContacts },
  { name: 'ParkedCalls', classes: [], summary: 'List parked calls.', run: listParkedCalls },
  { name: 'Parkinglots', classes: [], summary: 'Get a list of parking lots', run: parkingLots },
];

const phones = (context: ActionContext): string[] => [...context.pbx.exchange.office.extensions.keys()];
const stateOf = (context: ActionContext, device: string): DeviceState => context.pbx.exchange.devices.state(device);

function hintHeaders(context: ActionContext, number: string, name = 'hints'): Header[] {
  const [status, text] = DEVICE_STATES[stateOf(context, number)].extension;
  return [
    ['Exten', number],
    ['Context', name],
    ['Hint', deviceName(number)],
    ['Status', status],
    ['StatusText', text],
  ];
}

function extensionStateList(context: ActionContext): void {
  const { parking } = context.pbx.exchange.office;
  const items = phones(context).map<ListItem>((number) => ({
    event: 'ExtensionStatus',
    headers: hintHeaders(context, number),
  }));
  const taken = new Set(parkedCalls(context.pbx.exchange).map(({ space }) => space));
  for (let space = parking.first; space <= parking.last; space++) {
    const inUse = taken.has(String(space));
    const place: Header[] = [
      ['Exten', space],
      ['Context', 'parkedcalls'],
      ['Hint', `park:${space}@parkedcalls`],
    ];
    items.push({
      event: 'ExtensionStatus',
      headers: [...place, ['Status', inUse ? 1 : 0], ['StatusText', inUse ? 'InUse' : 'Idle']],
    });
  }
  context.list('Extension Statuses will follow', items, 'ExtensionStateListComplete');
}

function extensionState(context: ActionContext) {
  const exten = context.request.get('Exten');
  const name = context.request.get('Context') || 'default';
  if (exten === '') return context.fail('Extension not specified');
  const known = context.pbx.exchange.office.extensions.has(exten) && (name === 'hints' || name === 'internal');
  const unknown: Header[] = [
    ['Exten', exten],
    ['Context', name],
    ['Hint', ''],
    ['Status', -1],
    ['StatusText', 'Unknown'],
  ];
  context.succeed([['Message', 'Extension Status'], ...(known ? hintHeaders(context, exten, name) : unknown)]);
}

function deviceStateList(context: ActionContext): void {
  const items = [...phones(context), 'trunk'].map<ListItem>((device) => ({
    event: 'DeviceStateChange',
    headers: [
      ['Device', deviceName(device)],
      ['State', DEVICE_STATES[stateOf(context, device)].word],
    ],
  }));
  context.list('Device State Changes will follow', items, 'DeviceStateListComplete');
}

const contactOf = (context: ActionContext, number: string): string =>
  number === 'trunk'
    ? 'trunk/sip:127.0.0.2:5060'
    : context.pbx.exchange.devices.isRegistered(number)
      ? `${number}/sip:${number}@127.0.0.1:5060`
      : '';

function endpointHeaders(context: ActionContext, number: string): Header[] {
  const { devices } = context.pbx.exchange;
  const contact = contactOf(context, number);
  return [
    ['ObjectType', 'endpoint'],
    ['ObjectName', number],
    ['Transport', ''],
    ['Aor', number],
    ['Auths', number === 'trunk' ? '' : number],
    ['OutboundAuths', ''],
    ['Contacts', contact === '' ? '' : `${contact},`],
    ['DeviceState', DEVICE_STATES[devices.state(number)].said],
    ['ActiveChannels', context.version === '16' ? '' : devices.legsOf(number).length],
  ];
}

function showEndpoints(context: ActionContext): void {
  const items = [...phones(context), 'trunk'].map<ListItem>((number) => ({
    event: 'EndpointList',
    headers: endpointHeaders(context, number),
  }));
  context.list('A listing of Endpoints follows, presented as EndpointList events', items, 'EndpointListComplete');
}

function showEndpoint(context: ActionContext) {
  const number = context.request.get('Endpoint');
  const extension = context.pbx.exchange.office.extensions.get(number);
  if (number === '') return context.fail('PJSIPShowEndpoint requires an endpoint name');
  if (!extension && number !== 'trunk') return context.fail(`Unable to retrieve endpoint ${number}`);
  const about: Header[] = [
    ['ObjectType', 'endpoint'],
    ['ObjectName', number],
    ['Aors', number],
    ['Context', extension ? 'internal' : 'from-trunk'],
    ['Language', 'en'],
    ['Callerid', extension ? `"${extension.name ?? ''}" <${number}>` : ''],
    ['DeviceState', DEVICE_STATES[stateOf(context, number)].said],
    ['ActiveChannels', context.pbx.exchange.devices.legsOf(number).length],
  ];
  const items: ListItem[] = [{ event: 'EndpointDetail', headers: about }];
  context.list('Following are Events for each object associated with the Endpoint', items, 'EndpointDetailComplete');
}

function showContacts(context: ActionContext): void {
  const reachable = phones(context).filter((number) => context.pbx.exchange.devices.isRegistered(number));
  const items = reachable.map<ListItem>((number) => ({
    event: 'ContactList',
    headers: [
      ['ObjectType', 'contact'],
      ['ObjectName', `${number};@simulated`],
      ['ViaAddr', '127.0.0.1'],
      ['Endpoint', number],
      ['Uri', `sip:${number}@127.0.0.1:5060`],
      ['UserAgent', 'offhook simulator'],
      ['Status', 'NonQualified'],
      ['RoundtripUsec', 'N/A'],
    ],
  }));
  context.list('A listing of Contacts follows, presented as ContactList events', items, 'ContactListComplete');
}

function listParkedCalls(context: ActionContext): void {
  const items = parkedCalls(context.pbx.exchange).map<ListItem>((parked) => ({
    event: 'ParkedCall',
    headers: parkingHeaders({ x: context.pbx.exchange, snapshots: context.snapshots }, parked),
    idLast: true,
  }));
  context.list('Parked calls will follow', items, 'ParkedCallsComplete', [['Total', items.length]]);
}

function parkingLots(context: ActionContext): void {
  const { first, last, timeoutSeconds } = context.pbx.exchange.office.parking;
  const headers: Header[] = [
    ['Name', 'default'],
    ['StartSpace', first],
    ['StopSpace', last],
    ['Timeout', timeoutSeconds],
  ];
  context.list('Parking lots will follow', [{ event: 'Parkinglot', headers }], 'ParkinglotsComplete');
}
