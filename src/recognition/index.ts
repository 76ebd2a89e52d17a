// The sub-path `offhook/recognition`.
export { answer } from './answer.ts';
export { type CacheOptions, type Loader, RecognitionCache } from './cache.ts';
export type { CircuitOptions, CircuitState } from './circuit.ts';
export { toDialable } from './dialable.ts';
export {
  directoryAddress,
  type HostedDirectory,
  type HostedOptions,
  type HostedStatus,
  hostedDirectory,
} from './hosted.ts';
export {
  type DdiRange,
  type IndexedContact,
  MAX_RANGE,
  type PutOutcome,
  type ReplaceResult,
} from './indexed-contact.ts';
export { LocalIndex, type LocalIndexOptions, type Replacement } from './local-index.ts';
export { type NormaliseOptions, normalise } from './normalise.ts';
export {
  type NumberingPlan,
  type NumberRange,
  type OwnNumbers,
  type RewriteRule,
  type TrunkRules,
  validateNumberingPlan,
} from './numbering-plan.ts';
export { isWebAddress } from './port-answer.ts';
export { isPossibleNumber } from './possible.ts';
export { createRecogniser, type PartyRecogniser, type RecogniserOptions } from './recogniser.ts';
export type { RecognitionPort, RecognitionRequest } from './recognition-port.ts';
export { keysOfContact, keysOfNumber, type SearchKey } from './search-keys.ts';
