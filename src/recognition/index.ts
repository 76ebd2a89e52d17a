// The sub-path `offhook/recognition`.
export { toDialable } from './dialable.ts';
export { type NormaliseOptions, normalise } from './normalise.ts';
export {
  type NumberingPlan,
  type NumberRange,
  type OwnNumbers,
  type RewriteRule,
  type TrunkRules,
  validateNumberingPlan,
} from './numbering-plan.ts';
