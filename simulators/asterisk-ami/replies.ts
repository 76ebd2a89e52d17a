import type { ActionContext, ListItem } from './action.ts';
import { type AmiRequest, type Header, writeMessage } from './message.ts';

/** The ways to answer a request, as text to `write`. The ActionID comes second, in some lists' items last. */
export function answersFor(
  request: AmiRequest,
  write: (text: string) => void,
): Pick<ActionContext, 'request' | 'succeed' | 'fail' | 'respond' | 'list'> {
  const id: readonly Header[] = request.get('ActionID') === '' ? [] : [['ActionID', request.get('ActionID')]];
  const respond = (response: string, headers: readonly Header[]): void =>
    write(writeMessage([['Response', response], ...id, ...headers]));
  const item = ({ event, headers, idLast }: ListItem): string =>
    writeMessage(idLast ? [['Event', event], ...headers, ...id] : [['Event', event], ...id, ...headers]);
  return {
    request,
    respond,
    succeed: (headers = []) => respond('Success', headers),
    fail: (message) => respond('Error', [['Message', message]]),
    list(message, items, complete, more = []) {
      respond('Success', [
        ['EventList', 'start'],
        ['Message', message],
      ]);
      const end: Header[] = [['EventList', 'Complete'], ['ListItems', items.length], ...more];
      write(items.map(item).join('') + writeMessage([['Event', complete], ...id, ...end]));
    },
  };
}
