import type { Canvas, CanvasKit, Image, Paint, RuntimeEffect, Surface } from 'canvaskit-wasm';
import { table, type ScaleName } from '../scene/colour';
import type { Box, Curve, Disc, Ink, Item, Texture } from '../scene/scene';
import { curveMeshes } from './curveMesh';
import { HeatTexture } from './heatTexture';
import { inked, type Theme } from './theme';

// Cells are looked up, never blended: p counts cells, so the pixel at p is the cell's score.
const heatShader = `
uniform shader scores;
uniform shader colours;
uniform float gap;
half4 main(float2 p) {
  float2 inside = fract(p);
  float3 c = float3(scores.eval(floor(p) + 0.5).rgb);
  float share = dot(floor(c * 255.0 + 0.5), float3(65536.0, 256.0, 1.0)) / 16777215.0;
  half4 colour = colours.eval(float2(share * 255.0 + 0.5, 0.5));
  float edge = step(1.0 - gap, max(inside.x, inside.y));
  return half4(colour.rgb * (1.0 - 0.35 * edge), 1.0);
}`;

/** Draws what lies below the letters of a scene with Skia, on whatever surface: a canvas of a page, or memory. */
export class Painter {
  /** Scores kept as images: 256 thumbnails, or as many large maps as fit into this. */
  private static readonly keptTextures = 256;
  private static readonly keptCells = 5 << 20;
  private static readonly cloudFrom = 600;
  private readonly effect: RuntimeEffect;
  private readonly textures = new Map<string, HeatTexture>();
  private readonly colours = new Map<string, Image>();
  private cloud?: { list: Curve[]; key: string; image: Image };

  constructor(private readonly kit: CanvasKit) {
    this.effect = kit.RuntimeEffect.Make(heatShader, (error) => console.error(error))!;
    if (!this.effect) throw new Error('Skia does not accept the colour-map shader.');
  }

  paint(surface: Surface, items: Item[], theme: Theme, density: number): void {
    const canvas = surface.getCanvas();
    canvas.clear(this.kit.parseColorString(theme.background));
    canvas.save();
    canvas.scale(density, density);
    for (const item of items) {
      if (item.kind === 'texture') this.drawTexture(canvas, item, theme, density);
      else if (item.kind === 'box') this.drawBox(canvas, item, theme);
      else if (item.kind === 'curves') this.drawCloud(canvas, surface, item.list, theme, density);
      else if (item.kind === 'disc') this.drawDisc(canvas, item, theme);
    }
    canvas.restore();
    surface.flush();
  }

  /** What was made of a lost context is lost too. */
  forget(): void {
    this.cloud = undefined;
    this.textures.clear();
    this.colours.clear();
  }

  private drawTexture(canvas: Canvas, item: Texture, theme: Theme, density: number): void {
    const { kit } = this;
    const pixels = Math.min(item.area.width / item.columns, item.area.height / item.rows);
    const level = this.textureFor(item).level(pixels * density);
    const nearest = [kit.TileMode.Clamp, kit.TileMode.Clamp, kit.FilterMode.Nearest, kit.MipmapMode.None] as const;
    const scores = level.image.makeShaderOptions(...nearest);
    const colours = this.coloursFor(theme.scale, item.diverging).makeShaderOptions(kit.TileMode.Clamp, kit.TileMode.Clamp, kit.FilterMode.Linear, kit.MipmapMode.None);
    const gap = pixels >= 8 ? 1 / pixels : 0;
    const shader = this.effect.makeShaderWithChildren([gap], [scores, colours]);
    const paint = new kit.Paint();
    paint.setShader(shader);
    canvas.save();
    canvas.clipRect(kit.XYWHRect(item.clip.x, item.clip.y, item.clip.width, item.clip.height), kit.ClipOp.Intersect, false);
    canvas.translate(item.area.x, item.area.y);
    canvas.scale((item.area.width / item.columns) * level.scale, (item.area.height / item.rows) * level.scale);
    canvas.drawRect(kit.XYWHRect(0, 0, item.columns / level.scale, item.rows / level.scale), paint);
    canvas.restore();
    for (const made of [paint, shader, scores, colours]) made.delete();
  }

  private drawBox(canvas: Canvas, item: Box, theme: Theme): void {
    const { kit } = this;
    canvas.save();
    if (item.clip) canvas.clipRect(kit.XYWHRect(item.clip.x, item.clip.y, item.clip.width, item.clip.height), kit.ClipOp.Intersect, true);
    const area = kit.XYWHRect(item.area.x, item.area.y, item.area.width, item.area.height);
    if (item.fill) this.withPaint(theme, item.fill, item.opacity ?? 1, (paint) => canvas.drawRect(area, paint));
    if (item.stroke)
      this.withPaint(theme, item.stroke, 1, (paint) => {
        paint.setStyle(kit.PaintStyle.Stroke);
        paint.setStrokeWidth(item.width ?? 1);
        canvas.drawRect(area, paint);
      });
    canvas.restore();
  }

  /** Very many lines are drawn once and kept as an image, for as long as they are the same. */
  private drawCloud(canvas: Canvas, surface: Surface, list: Curve[], theme: Theme, density: number): void {
    if (list.length < Painter.cloudFrom) return this.drawCurves(canvas, list, theme, density);
    const key = `${surface.width()}×${surface.height()} ${theme.scale} ${theme.background} ${density}`;
    if (this.cloud?.list !== list || this.cloud.key !== key) {
      this.cloud?.image.delete();
      this.cloud = undefined;
      const own = surface.makeSurface({ ...surface.imageInfo(), alphaType: this.kit.AlphaType.Premul });
      const other = own.getCanvas();
      other.clear(this.kit.TRANSPARENT);
      other.scale(density, density);
      this.drawCurves(other, list, theme, density);
      own.flush();
      this.cloud = { list, key, image: own.makeImageSnapshot() };
      own.delete();
    }
    canvas.save();
    canvas.scale(1 / density, 1 / density);
    canvas.drawImage(this.cloud.image, 0, 0);
    canvas.restore();
  }

  private drawCurves(canvas: Canvas, curves: Curve[], theme: Theme, density: number): void {
    if (curves.length === 0) return;
    const { kit } = this;
    const inks = new Map<string, Float32Array>();
    const colourOf = ({ ink, opacity }: Curve): [number, number, number, number] => {
      const name = inked(theme, ink);
      let colour = inks.get(name);
      if (!colour) inks.set(name, (colour = kit.parseColorString(name)));
      return [colour[0], colour[1], colour[2], colour[3] * opacity];
    };
    const paint = new kit.Paint();
    for (const mesh of curveMeshes(kit, curves, colourOf, density)) {
      canvas.drawVertices(mesh, kit.BlendMode.Dst, paint);
      mesh.delete();
    }
    paint.delete();
  }

  private drawDisc(canvas: Canvas, item: Disc, theme: Theme): void {
    this.withPaint(theme, item.ink, item.opacity, (paint) => canvas.drawCircle(item.x, item.y, item.radius, paint));
  }

  private withPaint(theme: Theme, ink: Ink, opacity: number, draw: (paint: Paint) => void): void {
    const paint = new this.kit.Paint();
    paint.setAntiAlias(true);
    const colour = this.kit.parseColorString(inked(theme, ink));
    paint.setColor(this.kit.Color4f(colour[0], colour[1], colour[2], colour[3] * opacity));
    draw(paint);
    paint.delete();
  }

  private textureFor(item: Texture): HeatTexture {
    const key = `${item.key} ${item.range} ${item.diverging}`;
    let found = this.textures.get(key);
    if (found) this.textures.delete(key);
    else found = new HeatTexture(this.kit, item.data, item.columns, item.rows, item.range, item.diverging);
    this.textures.set(key, found);
    let cells = [...this.textures.values()].reduce((sum, texture) => sum + texture.cells, 0);
    for (const [old, texture] of this.textures) {
      if (this.textures.size <= Painter.keptTextures && (cells <= Painter.keptCells || texture === found)) break;
      cells -= texture.cells;
      texture.delete();
      this.textures.delete(old);
    }
    return found;
  }

  private coloursFor(scale: ScaleName, diverging: boolean): Image {
    const key = `${scale} ${diverging}`;
    let found = this.colours.get(key);
    if (!found) {
      const { kit } = this;
      const info = { width: 256, height: 1, colorType: kit.ColorType.RGBA_8888, alphaType: kit.AlphaType.Opaque, colorSpace: kit.ColorSpace.SRGB };
      found = kit.MakeImage(info, table(scale, diverging), 1024)!;
      this.colours.set(key, found);
    }
    return found;
  }
}
