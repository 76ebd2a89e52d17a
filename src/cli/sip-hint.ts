import { type Observable, tap } from 'rxjs';
import type { Adapter, AdapterContext } from '../adapters/port.ts';
import type { AdapterEvent } from '../domain/event.ts';

/** How a drachtio-server is started where none answers, and why so. The secret is taken from the environment. */
export function drachtioHint(port = 9022): string {
  return [
    'Start a drachtio-server on this machine:',
    'docker run -d --name drachtio --network host -e DRACHTIO_SECRET -e DRACHTIO_ADMIN_ADDRESS=127.0.0.1',
    `-e DRACHTIO_ADMIN_TCP_PORT=${port} drachtio/drachtio-server drachtio --contact "sip:*;transport=udp,tcp"`,
    '(the admin port must stay on 127.0.0.1: the server does not ask everybody for the secret, so whoever reaches it can place calls)',
  ].join(' ');
}

/** The same adapter; the first time that no server answers, the log says how one is started. */
export function withDrachtioHint(adapter: Adapter, port?: number): Adapter {
  return {
    kind: adapter.kind,
    ...(adapter.link === undefined ? {} : { link: adapter.link }),
    capabilities: adapter.capabilities,
    execute: (command) => adapter.execute(command),
    run: (context) => hinting(adapter, context, port),
  };
}

function hinting(adapter: Adapter, context: AdapterContext, port: number | undefined): Observable<AdapterEvent> {
  let isSaid = false;
  return adapter.run(context).pipe(
    tap((event) => {
      if (isSaid || event.type !== 'link' || event.state !== 'waiting' || event.code !== 'link.unreachable') return;
      isSaid = true;
      context.logger.info({ link: context.link }, drachtioHint(port));
    }),
  );
}
