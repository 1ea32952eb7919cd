import type { ViewState } from '../../protocol/messages';
import { element } from '../panel/elements';
import { BesideControls } from './besideControls';
import type { ControlsOf, Wanted } from './drawing';
import { FlowControls } from './flowControls';
import { LinesControls } from './linesControls';
import { orderable } from './model';
import { ModelControls } from './modelControls';

/** The controls that belong to the picture shown, and to no other. */
export class PictureControls {
  readonly root: HTMLElement;
  onChange: (view: ViewState) => void = () => {};
  private readonly lines = new LinesControls();
  private readonly model = new ModelControls();
  private readonly flow = new FlowControls();
  private readonly beside = new BesideControls();

  constructor() {
    const all = [this.lines, this.model, this.flow, this.beside];
    for (const controls of all) controls.onChange = (view) => this.onChange(view);
    this.root = element('div', {}, ...all.map((controls) => controls.root));
  }

  show({ analysis, families, family, view }: Wanted, of: ControlsOf | undefined): void {
    this.lines.show(analysis, family, view, of === 'lines');
    this.model.show(view, of === 'model', orderable(family));
    this.flow.show(view, of === 'flow');
    this.beside.show(analysis, families, view, of === 'beside');
  }
}
