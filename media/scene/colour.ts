/**
 * Colour scales for scores. Lightness rises (or falls) evenly in OKLab, so that equal steps of a score look equally
 * large; hue turns along so that neighbouring values can be told apart.
 * OKLab: B. Ottosson 2020, "A perceptual color space for image processing".
 */

export type ScaleName = 'dark' | 'light' | 'contrast';

interface Ramp {
  lightness: [number, number];
  hue: [number, number];
  chroma: (t: number) => number;
}

const ramps: Record<ScaleName, Ramp> = {
  // Low scores sink into the background of the theme; high ones stand out of it.
  dark: { lightness: [0.2, 0.93], hue: [300, 105], chroma: (t) => 0.075 + 0.09 * Math.sin(Math.PI * t) },
  light: { lightness: [0.975, 0.32], hue: [150, 285], chroma: (t) => 0.015 + 0.13 * Math.sin(Math.PI * Math.min(1, t * 0.8)) },
  // Not from 0: screens show the darkest tenth as one black.
  contrast: { lightness: [0.15, 1], hue: [220, 100], chroma: (t) => 0.08 * Math.sin(Math.PI * t) },
};

/** Scales for numbers around 0: the middle is the theme's background, each side its own hue, alike in lightness. */
interface Divergence {
  middle: number;
  end: number;
  hues: [number, number];
  chroma: number;
}

const divergences: Record<ScaleName, Divergence> = {
  dark: { middle: 0.24, end: 0.88, hues: [245, 65], chroma: 0.15 },
  light: { middle: 0.985, end: 0.42, hues: [255, 40], chroma: 0.16 },
  contrast: { middle: 0.12, end: 0.95, hues: [245, 75], chroma: 0.13 },
};

const steps = 256;
const tables = new Map<string, Uint8Array>();
const seriesLightness: Record<ScaleName, number> = { dark: 0.78, light: 0.56, contrast: 0.85 };

/** The scale as 256 RGBA colours. */
export function table(name: ScaleName, diverging = false): Uint8Array {
  const key = `${name} ${diverging}`;
  let found = tables.get(key);
  if (!found) {
    found = new Uint8Array(steps * 4);
    for (let i = 0; i < steps; i++) {
      const t = i / (steps - 1);
      found.set([...(diverging ? divergent(divergences[name], 2 * t - 1) : sequential(ramps[name], t)), 255], i * 4);
    }
    tables.set(key, found);
  }
  return found;
}

/** Colours of a series that can be told apart: hues a golden angle from each other, alike in lightness. */
export function series(name: ScaleName, index: number): string {
  const [r, g, b] = inGamut(seriesLightness[name], 0.14, 250 + index * 137.508);
  return `rgb(${r}, ${g}, ${b})`;
}

/** Whether dark letters can be read better on a share of a scale than light ones. */
export function isBright(name: ScaleName, share: number, diverging: boolean): boolean {
  const at = Math.round(Math.min(1, Math.max(0, share)) * (steps - 1)) * 4;
  const [r, g, b] = table(name, diverging).subarray(at, at + 3);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140;
}

/** The colour of a share from 0 to 1, for style sheets. */
export function css(name: ScaleName, share: number, diverging = false): string {
  const at = Math.round(Math.min(1, Math.max(0, share)) * (steps - 1)) * 4;
  const [r, g, b] = table(name, diverging).subarray(at, at + 3);
  return `rgb(${r}, ${g}, ${b})`;
}

function sequential(ramp: Ramp, t: number): number[] {
  const lightness = ramp.lightness[0] + (ramp.lightness[1] - ramp.lightness[0]) * t;
  return inGamut(lightness, ramp.chroma(t), ramp.hue[0] + (ramp.hue[1] - ramp.hue[0]) * t);
}

function divergent(scale: Divergence, t: number): number[] {
  const size = Math.abs(t);
  return inGamut(scale.middle + (scale.end - scale.middle) * size, scale.chroma * Math.sin((Math.PI / 2) * Math.min(1, 1.6 * size)), scale.hues[t < 0 ? 0 : 1]);
}

/** A colour that screens cannot show is brought in by taking colourfulness away, never lightness. */
function inGamut(lightness: number, wanted: number, degrees: number): number[] {
  const hue = (degrees * Math.PI) / 180;
  for (let chroma = wanted; ; chroma -= 0.004) {
    const rgb = fromOklab(lightness, Math.max(0, chroma) * Math.cos(hue), Math.max(0, chroma) * Math.sin(hue));
    if (chroma <= 0 || rgb.every((c) => c >= -0.001 && c <= 1.001)) return rgb.map((c) => Math.round(255 * gamma(Math.min(1, Math.max(0, c)))));
  }
}

function fromOklab(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
