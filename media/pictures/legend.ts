import { css, type ScaleName } from '../scene/colour';
import { number } from '../toolkit/labels';
import { element } from '../panel/elements';

/** The colour scale with the numbers at its ends and in its middle. */
export function legend(scale: ScaleName, range: [number, number], diverging: boolean): HTMLElement {
  const strip = element('span', { class: 'strip', 'aria-hidden': 'true' });
  const stops = Array.from({ length: 17 }, (_, i) => css(scale, i / 16, diverging));
  strip.style.background = `linear-gradient(to right, ${stops.join(', ')})`;
  const middle = (range[0] + range[1]) / 2;
  return element(
    'div',
    { class: 'legend', role: 'img', 'aria-label': `Colour scale from ${number(range[0])} to ${number(range[1])}` },
    strip,
    element('span', { class: 'numbers' }, ...[range[0], middle, range[1]].map((value) => element('span', {}, number(value)))),
  );
}
