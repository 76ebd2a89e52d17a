import type { Clock } from '../../src/domain/clock.ts';
import { Exchange } from './exchange.ts';
import { watchFeatureCodes } from './features.ts';
import { watchLoops } from './loop.ts';
import { NumberingPlan } from './numbering-plan.ts';
import { type OfficeConfig, OfficePlan } from './office.ts';
import { People, type PeopleOptions } from './people.ts';
import { queuesOf } from './queue.ts';

/** A whole model PBX: exchange, numbering plan, people. It speaks no protocol; renderers listen to its exchange. */
export interface ModelPbx {
  readonly exchange: Exchange;
  readonly people: People;
}

/** Builds a model PBX. */
export function createModelPbx(clock: Clock, config: OfficeConfig = {}, options: PeopleOptions = {}): ModelPbx {
  const exchange = new Exchange(clock, new OfficePlan(config));
  const plan = new NumberingPlan(exchange);
  exchange.router = (leg, context, exten) => plan.route(leg, context, exten);
  exchange.isComplete = (context, exten) => plan.isComplete(context, exten);
  exchange.knows = (context, exten) => plan.knows(context, exten);
  const people = new People(exchange, options);
  watchLoops(exchange);
  watchFeatureCodes(exchange);
  queuesOf(exchange);
  return { exchange, people };
}
