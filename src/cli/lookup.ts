import type { Command } from 'commander';
import type { Recognition, RecognitionHit } from '../domain/contact.ts';
import { OffhookError } from '../domain/error.ts';
import { EXIT } from './exit-codes.ts';
import type { ActOptions } from './gateway-client/act.ts';
import { connectGateway, withGateway } from './gateway-client/options.ts';
import { type CliContext, printJson, verb } from './verb.ts';
import { sanitise } from './view/text.ts';
import { REASONS } from './view/who.ts';

/** `offhook lookup "020 7946 0991"`. Ends with 1 when nobody has the number. */
export function lookupCommand({ io, exitWith }: CliContext): Command {
  return withGateway(verb('lookup', 'tell who has a number'))
    .argument('<number>', 'in any spelling: "020 7946 0991"')
    .action(async (number: string, options: ActOptions) => {
      using client = await connectGateway(options, io);
      const answer = await client.call('lookup', { number });
      const { recognition } = answer;
      if (recognition.status === 'failed') throw failed(recognition);
      if (recognition.status !== 'known') exitWith(EXIT.failed);
      if (options.json === true) printJson(io, answer);
      else io.stdout.write(`${describe(number, recognition).map(sanitise).join('\n')}\n`);
    });
}

function failed({ code }: Recognition & { status: 'failed' }): OffhookError {
  return new OffhookError('recognition.failed', `The look-up failed (${code}).`, {
    retryable: true,
    remedy: 'Try again; the log of the gateway says why.',
  });
}

function describe(number: string, recognition: Recognition): string[] {
  if (recognition.status !== 'known') return [`Nobody is known under ${number}.`];
  return recognition.hits.map(describeHit);
}

function describeHit({ contact, reason, matched }: RecognitionHit): string {
  const company = contact.organisation === undefined ? '' : `, ${contact.organisation}`;
  const url = contact.url === undefined ? '' : `  ${contact.url}`;
  return `${contact.name}${company} (${REASONS[reason]}: ${matched})${url}`;
}
