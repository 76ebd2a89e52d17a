/** A number in E.164 form with its plus: `+442079460991`. At most 15 digits. */
export type E164 = string;

/**
 * What a raw string from a PBX, a contact file or a user turned out to be under a site's numbering plan.
 * `raw` is kept as it came, so that nothing is lost.
 */
export type CallableNumber =
  | {
      readonly kind: 'e164';
      readonly raw: string;
      readonly e164: E164;
      /** ISO 3166-1 alpha-2, when the number belongs to one country. */
      readonly country?: string;
      /** An extension behind the number: RFC 3966 `;ext=`. */
      readonly extension?: string;
      /** False: parseable, but no such number can exist in its country's plan. */
      readonly valid: boolean;
      /** True: one of the site's own direct dial-in numbers; `internal` is then the extension behind it. */
      readonly own?: boolean;
      readonly internal?: string;
    }
  | { readonly kind: 'extension'; readonly raw: string; readonly extension: string }
  | { readonly kind: 'shortCode'; readonly raw: string; readonly code: string; readonly emergency: boolean }
  | { readonly kind: 'withheld'; readonly raw: string }
  | { readonly kind: 'unavailable'; readonly raw: string };
