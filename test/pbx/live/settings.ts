import type { AsteriskRelease } from '../../../simulators/real-asterisk/index.ts';

/** The releases to test: `OFFHOOK_PBX_VERSIONS`, by default both. */
export const VERSIONS = (process.env['OFFHOOK_PBX_VERSIONS'] ?? '22,16').split(',') as AsteriskRelease[];

/** How many switches play at the same time: `OFFHOOK_PBX_LANES`. Playing is mostly waiting. */
export const LANES = Number(process.env['OFFHOOK_PBX_LANES'] ?? 6);

/** Only scenarios whose name or group is in this list: `OFFHOOK_PBX_ONLY`, by default all. */
export const ONLY = process.env['OFFHOOK_PBX_ONLY']?.split(',');
