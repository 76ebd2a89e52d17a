/**
 * What generated scenarios may leave out: `loops` (groups, queues and forwards through loops inside the exchange),
 * `sequential` groups, `early-media`, `feature-codes` pressed in a call, `deflection` (302 and by clients), `pickup`,
 * `forwards`, `services` that answer by themselves, `conferences`, `queues`, `self-calls`, `semi-attended` transfers,
 * `menus`, numbers that lead nowhere (`failures`) and transfers there, or to where nothing ever rings (`dead-ends`), `parking`.
 */
export type Feature =
  | 'loops'
  | 'sequential'
  | 'early-media'
  | 'feature-codes'
  | 'deflection'
  | 'pickup'
  | 'forwards'
  | 'services'
  | 'conferences'
  | 'queues'
  | 'self-calls'
  | 'semi-attended'
  | 'failures'
  | 'dead-ends'
  | 'parking';
