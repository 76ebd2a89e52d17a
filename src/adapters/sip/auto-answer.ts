import type { Headers } from './srf.ts';

/** How telephones are asked to answer by themselves: each vendor obeys its own headers. */
export type AutoAnswer = 'call-info' | 'alert-info' | 'none';

/** All of {@link AutoAnswer}. */
export const AUTO_ANSWERS = ['call-info', 'alert-info', 'none'] as const satisfies readonly AutoAnswer[];

/** The headers that ask a telephone to answer by itself. `host`: of the PBX. */
export function autoAnswerHeaders(ways: readonly AutoAnswer[], host: string): Headers {
  return {
    ...(ways.includes('call-info') ? { 'Call-Info': `<sip:${host}>;answer-after=0` } : {}),
    ...(ways.includes('alert-info') ? { 'Alert-Info': `<http://${host}>;info=alert-autoanswer;delay=0` } : {}),
  };
}
