import type { Command } from 'commander';
import { type GatewayOptions, gatewayAddress, withGateway } from './gateway-client/options.ts';
import { stopAfter } from './io.ts';
import { parseDuration, parseList } from './parse-options.ts';
import { type CliContext, type CommonOptions, verb } from './verb.ts';
import { follow } from './view/follow.ts';
import { listenToKeys } from './view/keys.ts';
import { createViewer } from './view/viewers.ts';

interface WatchOptions extends CommonOptions, GatewayOptions {
  readonly lines?: string[];
  readonly for?: number;
}

/** `offhook watch`: the lines and calls of a running gateway, live. */
export function watchCommand({ io }: CliContext): Command {
  return withGateway(verb('watch', 'show the lines and calls of a running gateway, live'))
    .option('--lines <list>', 'only these lines, such as 1001,1002', parseList)
    .option('--for <time>', 'stop by itself after a time, such as 10s', parseDuration)
    .action(async (options: WatchOptions) => {
      const address = gatewayAddress(options, io);
      const quit = new AbortController();
      const stop = AbortSignal.any([stopAfter(io, options.for), quit.signal]);
      using viewer = createViewer(
        io,
        { title: 'offhook watch', address: address.url, keys: [['q', 'quit']] },
        options.json === true,
      );
      using _ = listenToKeys(io.stdin, (key) => {
        if (key === 'q' || key === '\u0003') quit.abort();
      });
      await follow(address, options.lines, io, stop, {
        onEvent: (event) => viewer.show(event),
        onLost: (reason) => viewer.notice(reason),
        cursor: () => viewer.cursor,
      });
    });
}
