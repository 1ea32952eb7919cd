// The page of zone reports, sweeps and trainings inside VS Code: shows what the extension sends, and says what the reader wants.
import type { FromStudy, ToStudy } from '../protocol/messages';
import { element } from './panel/elements';
import { vscodeHost } from './panel/host';
import { Notices } from './panel/notices';
import { onThemeChange } from './panel/theme';
import { loadSkia, unpack } from './skia/canvaskit';
import { SweepPage } from './study/sweepPage';
import { TrainingPage } from './study/trainingPage';
import { ZonesPage } from './study/zonesPage';
import './panel.css';
import './study.css';

const host = vscodeHost<FromStudy, ToStudy>();
const notices = new Notices();
const [zones, sweep, training] = [new ZonesPage(), new SweepPage(), new TrainingPage()];
const pages = [zones, sweep, training];
const place = element('div');
document.body.append(notices.root, place);
for (const page of pages) page.onSend = (message) => host.send(message);
notices.onCancel = () => host.send({ type: 'cancel' });

function status(busy?: string, error?: string): void {
  notices.show({ busy, stoppable: true, error, stale: false, notes: [] });
}

loadSkia(fetch(document.body.dataset.skia!).then(unpack)).then(
  (kit) => pages.forEach((page) => page.start(kit)),
  (error: Error) => status(undefined, `Skia could not be started: ${error.message}`),
);
onThemeChange(() => pages.forEach((page) => page.repaint()));

host.listen((message) => {
  switch (message.type) {
    case 'zones': {
      const { question, passage, model, mode } = message.report;
      host.save({ question, passage, model: model.name, mode });
      place.replaceChildren(zones.root);
      zones.show(message.report);
      break;
    }
    case 'sweep':
      host.save({ run: message.report.run.run });
      place.replaceChildren(sweep.root);
      sweep.show(message.report);
      break;
    case 'training':
      host.save({ training: message.report.output });
      place.replaceChildren(training.root);
      training.show(message.report);
      break;
    case 'status':
      // A training has a line and a button of its own for what is going on.
      status(training.root.isConnected ? undefined : message.busy, message.error);
      sweep.working(message.busy !== undefined);
      training.working(message.busy);
      break;
  }
});
window.addEventListener('error', (event) => host.send({ type: 'problem', message: event.message }));
window.addEventListener('unhandledrejection', (event) => host.send({ type: 'problem', message: String(event.reason) }));
host.send({ type: 'ready' });
