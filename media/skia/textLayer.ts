import { isBright } from '../scene/colour';
import type { Label, Scene } from '../scene/scene';
import type { Theme } from './renderer';

/** Labels on a canvas of their own: the browser has the editor's font and every script, which one font file has not. */
export class TextLayer {
  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(labels: Label[], scene: Scene, theme: Theme, density: number): void {
    const { canvas } = this;
    canvas.width = Math.round(scene.width * density);
    canvas.height = Math.round(scene.height * density);
    canvas.style.width = `${scene.width}px`;
    canvas.style.height = `${scene.height}px`;
    const context = canvas.getContext('2d')!;
    context.scale(density, density);
    context.textBaseline = 'middle';
    for (const label of labels) {
      context.save();
      context.font = `${label.bold ? '600 ' : ''}${theme.font}`;
      if (label.clip) {
        context.beginPath();
        context.rect(label.clip.x, label.clip.y, label.clip.width, label.clip.height);
        context.clip();
      }
      context.fillStyle = label.on ? (isBright(theme.scale, label.on.share, label.on.diverging) ? '#000' : '#fff') : theme.colours[label.role];
      context.textAlign = label.align;
      context.translate(label.x, label.y);
      context.rotate((label.angle * Math.PI) / 180);
      context.fillText(label.text, 0, 0);
      context.restore();
    }
  }
}
