/** Somebody outside, with a number that belongs to nobody (Ofcom's range for drama). */
export const carol = { number: '+442079460991', name: 'Carol Customer' } as const;
