/**
 * Scenarios that `offhook simulate run` cannot play to their end yet on a simulated switch, with the reason.
 * test/scenarios/simulated.test.ts fails for one that can be played: then it is to be taken from here.
 */
export const NOT_PLAYED_YET: Readonly<Record<string, string>> = {
  'ami-login-refused': 'its client is a stranger who does not log in: the engine sends requests only when it has',
  'ami-mistakes': 'its client sends bytes that are no actions, which the engine does not',
  'ami-shutdown': 'its client sends bytes that are no actions, which the engine does not',
};
