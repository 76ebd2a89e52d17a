import pc from 'picocolors';
import type { Output } from '../io.ts';
import type { Look } from './line-view.ts';

/** Colours, or their absence. Applied to texts whose width is settled. */
export interface Theme {
  readonly colour: (colour: Look['colour'], text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly badge: (text: string) => string;
}

/** Whether an output gets colours: NO_COLOR (no-color.org) and FORCE_COLOR are obeyed, `dumb` terminals are spared. */
export function wantsColour(output: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0') return true;
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** A theme with or without colours. */
export function createTheme(colours: boolean): Theme {
  const colors = pc.createColors(colours);
  return {
    colour: (colour, text) => colors[colour](text),
    bold: colors.bold,
    dim: colors.dim,
    badge: (text) => (colours ? colors.bold(colors.inverse(text)) : text),
  };
}
