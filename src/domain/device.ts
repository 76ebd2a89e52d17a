import type { E164 } from './number.ts';

/** The dialling number of a station (`1001`), or a dynamic identifier of a device that has none. */
export type DeviceId = string;

/** The name of a PBX link, unique in an engine: `asterisk-1`. */
export type LinkId = string;

/** What kind of device stands at this end of a call (ECMA-269 6.1.1). */
export type DeviceCategory = 'station' | 'trunk' | 'group' | 'queue' | 'park' | 'conference' | 'service';

/** Whether a calling party's identity may be shown: RFC 3323/3325 privacy, Q.951 presentation. */
export type Presentation = 'allowed' | 'restricted' | 'unavailable';

/**
 * A party as the PBX presents it. Number and name are text that somebody else chose: hostile until escaped.
 * With `presentation` other than `allowed`, number and name are `null`, whatever the PBX knows.
 */
export interface Party {
  readonly device: DeviceId | null;
  readonly category: DeviceCategory;
  readonly number: string | null;
  readonly name: string | null;
  readonly presentation: Presentation;
  /** The number in E.164 form under the site's numbering plan; absent for extensions and where there is none. */
  readonly e164?: E164;
}

/** A device that the engine is asked to watch: a *line*. */
export interface MonitoredDevice {
  readonly device: DeviceId;
  /** What users call it: `Reception`. */
  readonly label?: string;
  /** The PBX's own name of the endpoint where it cannot be derived from the number: `PJSIP/reception`. */
  readonly endpoint?: string;
}
