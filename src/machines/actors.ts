import { type AnyActorRef, createActor, fromTransition } from 'xstate';
import type { CallId } from '../domain/call.ts';
import type { DeviceId, LinkId } from '../domain/device.ts';
import { type CallContext, type CallMachineEvent, callMachine } from './call.machine.ts';
import type { IllegalEvent } from './history.ts';
import { type LineContext, type LineMachineEvent, lineMachine } from './line.machine.ts';
import { type LinkContext, type LinkMachineEvent, linkMachine } from './link.machine.ts';

/** A running actor, without a word of XState. */
export interface Running<Context, Event> {
  /** Returns after the event has had its effect. Never throws. */
  send(event: Event): void;
  context(): Context;
  /** Ends the actor; later events are ignored. */
  stop(): void;
}

/** A call's actor. */
export type CallActor = Running<CallContext, CallMachineEvent>;
/** A line's actor. */
export type LineActor = Running<LineContext, LineMachineEvent>;
/** A link's actor. */
export type LinkActor = Running<LinkContext, LinkMachineEvent>;

/** Makes actors of one system. Each is a root of its own: a parent that spawned them would copy its list of children. */
export interface ActorFactory {
  call(id: CallId, link: LinkId, time: number): CallActor;
  line(device: DeviceId, linkUp: boolean, time: number): LineActor;
  link(link: LinkId, time: number): LinkActor;
}

/**
 * A factory whose actors tell `report` of every illegal event. `report` may throw: it is shielded, because a throw in an
 * action would end the actor. Cost: about 60 us here, once; the machines are shared by all actors.
 */
export function createActors(report: (illegal: IllegalEvent) => void): ActorFactory {
  const shielded = (_: unknown, illegal: IllegalEvent) => {
    try {
      report(illegal);
    } catch {
      // an operator's log that fails must not end a call
    }
  };
  const calls = callMachine.provide({ actions: { report: shielded } });
  const links = linkMachine.provide({ actions: { report: shielded } });
  // Not a machine: one would remember the name of every `xstate.done.actor.<id>` that it is told, for ever.
  const root = createActor(fromTransition(() => null, null)).start();
  return {
    call: (id, link, time) => running(createActor(calls, { parent: root, id, input: { id, link, time } })),
    line: (device, linkUp, time) =>
      running(createActor(lineMachine, { parent: root, id: device, input: { device, linkUp, time } })),
    link: (link, time) => running(createActor(links, { parent: root, id: link, input: { link, time } })),
  };
}

const REMOVED = { type: 'removed' } as const;

/** Three methods on a prototype: an object of closures would cost every actor 200 bytes more. */
class RunningActor {
  readonly #actor: AnyActorRef;

  constructor(actor: AnyActorRef) {
    this.#actor = actor;
  }

  send(event: { readonly type: string }): void {
    this.#actor.send(event);
  }

  context(): unknown {
    return this.#actor.getSnapshot().context;
  }

  stop(): void {
    this.#actor.send(REMOVED);
  }
}

function running<Context, Event extends { type: string }>(
  actor: AnyActorRef & { start(): unknown },
): Running<Context, Event> {
  actor.start();
  return new RunningActor(actor) as Running<Context, Event>;
}
