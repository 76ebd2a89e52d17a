import type { Argument, Command, Option } from 'commander';
import { EXIT_MEANINGS } from './exit-codes.ts';
import { type CliContext, verb } from './verb.ts';

/** `offhook reference` (not listed): prints docs/reference/cli.md. */
export function referenceCommand({ io }: CliContext): Command {
  return verb('reference', 'print the reference of the command line in Markdown').action(
    (_options, command: Command) => {
      if (command.parent !== null) io.stdout.write(cliReference(command.parent));
    },
  );
}

/** The reference of a program in Markdown: its verbs, their options, the exit codes. */
export function cliReference(program: Command): string {
  const verbs = leaves(program).filter(({ command }) => command.name() !== 'reference');
  return `${[
    '# The command line',
    '',
    INTRODUCTION,
    '',
    '## Exit codes',
    '',
    ...exitCodes(),
    '',
    ...verbs.flatMap(describeVerb),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const INTRODUCTION = `<!-- Generated: node bin/offhook.mjs reference > docs/reference/cli.md -->

In a checkout, write \`node bin/offhook.mjs\` for \`offhook\`. Every verb has \`--json\`: one JSON document on stdout (live
views: one per line), and errors as \`{"error": {"code", "message", "field", "remedy"}}\` there too. Without it, errors are
told on stderr: a sentence with the code in brackets, and on the next line what to do. \`--debug\` adds the stack.

\`demo\` and \`run\` leave the gateway's address and a token where only their own user can read them:
\`$XDG_RUNTIME_DIR/offhook/gateway.json\`, or in a folder of that user's own among the temporary files. The verbs that talk
to a gateway find it there; \`--url\` and \`--token\`, or the environment variables \`OFFHOOK_URL\` and \`OFFHOOK_TOKEN\`, go
before it. \`doctor\` and \`record\` take the secret of a PBX from the configuration or from \`OFFHOOK_SECRET\`, never from the
command line, where every user of the machine could read it. \`NO_COLOR\` is obeyed.`;

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leaves(command: Command, path = command.name()): Leaf[] {
  return command.commands.flatMap((child) => {
    const childPath = `${path} ${child.name()}`;
    return child.commands.length > 0 ? leaves(child, childPath) : [{ path: childPath, command: child }];
  });
}

function exitCodes(): string[] {
  const rows = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['| code | meaning |', '| ---: | --- |', ...rows];
}

function describeVerb({ path, command }: Leaf): string[] {
  const names = command.registeredArguments.map((argument) => ` ${argumentText(argument)}`).join('');
  const rows = [
    ...command.registeredArguments.map((argument) => [argumentText(argument), argument.description] as const),
    ...command.options.filter(({ hidden }) => !hidden).map((option) => [option.flags, describeOption(option)] as const),
  ];
  return [
    `## \`${path}${names}\``,
    '',
    sentence(command.description()),
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, text]) => `| \`${name}\` | ${text.replaceAll('|', '\\|')} |`),
    '',
  ];
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function describeOption({ description, defaultValue, defaultValueDescription, argChoices, mandatory }: Option): string {
  const notes = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined ? [] : [`default ${defaultValueDescription ?? JSON.stringify(defaultValue)}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
