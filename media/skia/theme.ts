import { series, type ScaleName } from '../scene/colour';
import type { Ink, Role } from '../scene/scene';

/** The colours and letters a scene is drawn with. */
export interface Theme {
  scale: ScaleName;
  background: string;
  /** A CSS font, size first. */
  font: string;
  colours: Record<Role, string>;
}

/** The colour of an ink under a theme. */
export function inked(theme: Theme, ink: Ink): string {
  return typeof ink === 'string' ? theme.colours[ink] : series(theme.scale, ink.series);
}
