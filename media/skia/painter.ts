import type { Canvas, CanvasKit, Image, Paint, Surface } from 'canvaskit-wasm';
import type { Box, Curve, Disc, Ink, Item, Line, Texture } from '../scene/scene';
import { curveMeshes } from './curveMesh';
import { HeatTexture } from './heatTexture';
import { inked, type Theme } from './theme';

/** Cells smaller than this, in pixels, stand without a line between them. */
const linedCell = 8;
const lineShade = 0.35;

/** Draws what lies below the letters of a scene with Skia, on whatever surface: a canvas of a page, or memory. */
export class Painter {
  /** Scores kept as images: 256 thumbnails, or as many large maps as fit into this. */
  private static readonly keptTextures = 256;
  private static readonly keptCells = 5 << 20;
  private static readonly cloudFrom = 600;
  private readonly textures = new Map<string, HeatTexture>();
  private cloud?: { list: Curve[]; key: string; image: Image };

  constructor(private readonly kit: CanvasKit) {}

  paint(surface: Surface, items: Item[], theme: Theme, density: number): void {
    const canvas = surface.getCanvas();
    canvas.clear(this.kit.parseColorString(theme.background));
    canvas.save();
    canvas.scale(density, density);
    for (const item of items) {
      if (item.kind === 'texture') this.drawTexture(canvas, item, theme, density);
      else if (item.kind === 'box') this.drawBox(canvas, item, theme);
      else if (item.kind === 'curves') this.drawCloud(canvas, surface, item.list, theme, density);
      else if (item.kind === 'line') this.drawLine(canvas, item, theme);
      else if (item.kind === 'disc') this.drawDisc(canvas, item, theme);
    }
    canvas.restore();
    surface.flush();
  }

  /** What was made of a lost context is lost too. */
  forget(): void {
    this.cloud = undefined;
    this.textures.clear();
  }

  private drawTexture(canvas: Canvas, item: Texture, theme: Theme, density: number): void {
    const { kit } = this;
    const [width, height] = [item.area.width / item.columns, item.area.height / item.rows];
    const pixels = Math.min(width, height);
    const level = this.textureFor(item, theme).level(pixels * density);
    canvas.save();
    canvas.clipRect(kit.XYWHRect(item.clip.x, item.clip.y, item.clip.width, item.clip.height), kit.ClipOp.Intersect, false);
    // The last cells of a coarser level stand for fewer than the others.
    const area = kit.XYWHRect(item.area.x, item.area.y, level.columns * level.scale * width, level.rows * level.scale * height);
    canvas.clipRect(kit.XYWHRect(item.area.x, item.area.y, item.area.width, item.area.height), kit.ClipOp.Intersect, false);
    // Cells are copied, never blended.
    canvas.drawImageRectOptions(level.image, kit.XYWHRect(0, 0, level.columns, level.rows), area, kit.FilterMode.Nearest, kit.MipmapMode.None, null);
    if (pixels >= linedCell) this.drawCellLines(canvas, item, width, height);
    canvas.restore();
  }

  /** A darker line along the far edges of every cell in sight. */
  private drawCellLines(canvas: Canvas, { area, clip, columns, rows }: Texture, width: number, height: number): void {
    const { kit } = this;
    const paint = new kit.Paint();
    paint.setColor(kit.Color4f(0, 0, 0, lineShade));
    const seen = (from: number, to: number, start: number, size: number, count: number) => {
      const first = Math.max(0, Math.floor((from - start) / size));
      const last = Math.min(count, Math.ceil((to - start) / size));
      return Array.from({ length: Math.max(0, last - first) }, (_, i) => start + (first + i + 1) * size);
    };
    for (const x of seen(clip.x, clip.x + clip.width, area.x, width, columns)) canvas.drawRect(kit.XYWHRect(x - 1, area.y, 1, area.height), paint);
    // Where lines cross, one of them is enough.
    for (const y of seen(clip.y, clip.y + clip.height, area.y, height, rows)) for (const x of seen(clip.x, clip.x + clip.width, area.x, width, columns)) canvas.drawRect(kit.XYWHRect(x - width, y - 1, width - 1, 1), paint);
    paint.delete();
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

  private drawLine(canvas: Canvas, { points, ink, width, opacity }: Line, theme: Theme): void {
    const { kit } = this;
    if (points.length < 2) return;
    const path = kit.Path.MakeFromCmds(points.flatMap(([x, y], i) => [i === 0 ? kit.MOVE_VERB : kit.LINE_VERB, x, y]));
    if (!path) return;
    this.withPaint(theme, ink, opacity, (paint) => {
      paint.setStyle(kit.PaintStyle.Stroke);
      paint.setStrokeWidth(width);
      paint.setStrokeJoin(kit.StrokeJoin.Round);
      canvas.drawPath(path, paint);
    });
    path.delete();
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

  private textureFor(item: Texture, theme: Theme): HeatTexture {
    const key = `${item.key} ${item.range} ${item.diverging} ${theme.scale}`;
    let found = this.textures.get(key);
    if (found) this.textures.delete(key);
    else found = new HeatTexture(this.kit, item.data, item.columns, item.rows, item.range, item.diverging, theme.scale);
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
}
