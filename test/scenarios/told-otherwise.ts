/** Scenarios for any switch that are not told alike on Asterisk and on FreeSWITCH, with the reason; both-switches.test.ts fails for one that is. */
export const TOLD_OTHERWISE: Readonly<Record<string, string>> = {
  'forward-unregistered':
    'On AMI a phone that is not there is like one that forwards all calls; FreeSWITCH tells that it was tried.',
};
