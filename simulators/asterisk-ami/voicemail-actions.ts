import type { Action, ActionContext, ListItem } from './action.ts';

/** Actions about mailboxes. The office has one. */
export const VOICEMAIL_ACTIONS: readonly Action[] = [
  {
    name: 'VoicemailUsersList',
    classes: ['call', 'reporting'],
    summary: 'List All Voicemail User Information.',
    run: list,
  },
];

function list(context: ActionContext): void {
  const { office } = context.pbx.exchange;
  const [owner] = office.extensions.values();
  const items = owner
    ? [
        {
          event: 'VoicemailUserEntry',
          headers: [
            ['VMContext', 'default'],
            ['VoiceMailbox', owner.number],
            ['Fullname', owner.name ?? ''],
          ],
        } satisfies ListItem,
      ]
    : [];
  context.list('Voicemail user list will follow', items, 'VoicemailUserEntryComplete');
}
