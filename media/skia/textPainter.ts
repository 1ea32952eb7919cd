import type { CanvasKit, Font, Surface } from 'canvaskit-wasm';
import { isBright } from '../scene/colour';
import type { Label, Scene } from '../scene/scene';
import type { Theme } from './theme';

/** Letters drawn by Skia itself, where there is no browser to draw them. */

/** Fonts out of files, those that Skia can read. */
export function typefaces(kit: CanvasKit, files: Uint8Array[], size: number): Font[] {
  return files.flatMap((file) => {
    const typeface = kit.Typeface.MakeTypefaceFromData(Uint8Array.from(file).buffer);
    return typeface ? [new kit.Font(typeface, size)] : [];
  });
}

/** The first font that has every letter of a text; the first of all where none has. */
function fontFor(fonts: Font[], text: string): Font {
  return fonts.find((font) => font.getGlyphIDs(text).every((glyph) => glyph !== 0)) ?? fonts[0];
}

export function measured(fonts: Font[], text: string): number {
  const font = fontFor(fonts, text);
  return font.getGlyphWidths(font.getGlyphIDs(text)).reduce((sum, width) => sum + width, 0);
}

export function drawLabels(kit: CanvasKit, surface: Surface, fonts: Font[], scene: Scene<unknown>, theme: Theme, density: number): void {
  const canvas = surface.getCanvas();
  const paint = new kit.Paint();
  paint.setAntiAlias(true);
  canvas.save();
  canvas.scale(density, density);
  for (const label of scene.items.filter((item): item is Label => item.kind === 'label')) {
    const colour = label.on ? (isBright(theme.scale, label.on.share, label.on.diverging) ? '#000000' : '#ffffff') : theme.colours[label.role];
    paint.setColor(kit.parseColorString(colour));
    const font = fontFor(fonts, label.text);
    font.setEmbolden(label.bold ?? false);
    const width = measured(fonts, label.text);
    canvas.save();
    if (label.clip) canvas.clipRect(kit.XYWHRect(label.clip.x, label.clip.y, label.clip.width, label.clip.height), kit.ClipOp.Intersect, true);
    canvas.translate(label.x, label.y);
    canvas.rotate(label.angle, 0, 0);
    // Half of what capitals rise above the line: letters stand in the middle of their place.
    canvas.drawText(label.text, label.align === 'right' ? -width : label.align === 'center' ? -width / 2 : 0, font.getSize() * 0.36, paint, font);
    canvas.restore();
    font.setEmbolden(false);
  }
  canvas.restore();
  surface.flush();
  paint.delete();
}
