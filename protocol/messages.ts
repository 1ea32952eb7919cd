// Generated from server/Server/Protocol by `npm run protocol`; edit the C# records instead.

export interface AnalysisSummary {
  id: string;
  path: string;
  bytes: number;
  text: string;
  pair?: string;
  uri?: string;
  model: ModelSummary;
  device: string;
  milliseconds: number;
  tokens: TokenInfo[];
  maps: MapInfo[];
  methods: MethodInfo[];
  blank?: string;
  predictions: Prediction[];
  notes: string[];
}

export interface AnalyzeParams {
  text: TextSource;
  pair?: TextSource;
  model?: string;
  workDoneToken?: string;
}

export interface Candidate {
  text: string;
  probability: number;
  target: string;
}

export interface ChangeParams {
  analysis: string;
  edits: Edit[];
  workDoneToken?: string;
}

export interface CompareParams {
  analysis: string;
  model?: string;
  text?: string;
  methods?: string[];
  workDoneToken?: string;
}

export interface ComputeParams {
  analysis: string;
  method: string;
  target?: string;
  workDoneToken?: string;
}

export interface DeleteModelParams {
  model: string;
}

export interface DeletedModel {
  freed: string;
}

export interface DevLook {
  step: number;
  loss: number;
  accuracy: number;
}

export interface DeviceItem {
  title: string;
  found: boolean;
  reason: string;
}

export interface DifferenceParams {
  analysis: string;
  first: string;
  second: string;
  target?: string;
  workDoneToken?: string;
}

export interface DownloadModelParams {
  model: string;
  workDoneToken?: string;
}

export interface Edit {
  place?: string;
  layers?: number[];
  heads?: number[];
  tokens?: number[];
  keys?: number[];
  neurons?: number[];
  strength?: number;
  scale?: number;
  shift?: number;
  set?: number;
  replace?: string;
}

export interface EditFile {
  interventions: Edit[];
}

export interface ExportParams {
  analysis: string;
  format: string;
  path: string;
  view?: ViewState;
}

export interface FigureRequest {
  analysis: AnalysisSummary;
  picture: string;
  choice: MapChoice;
  format: string;
  output: string;
  width: number;
  height: number;
  density: number;
}

export interface FlowParams {
  analysis: string;
  edges: string;
  source: number;
  sink: number;
  layers?: number;
}

export type FromStudy =
  | { type: 'ready'; }
  | { type: 'again'; zones?: string[]; own?: ZoneDefinition[]; mode: string; }
  | { type: 'masked'; edit: Edit; layer: number; }
  | { type: 'resume'; }
  | { type: 'export'; }
  | { type: 'cancel'; }
  | { type: 'use'; }
  | { type: 'reveal'; }
  | { type: 'problem'; message: string; };

export type FromWebview =
  | { type: 'ready'; }
  | { type: 'slice'; id: number; slice: SliceParams; }
  | { type: 'compute'; id: number; analysis: string; method: string; target?: string; }
  | { type: 'trust'; id: number; analysis: string; target?: string; }
  | { type: 'vectors'; id: number; analysis: string; }
  | { type: 'flow'; id: number; graph: FlowParams; }
  | { type: 'difference'; id: number; methods: DifferenceParams; }
  | { type: 'change'; id: number; edits: Edit[]; }
  | { type: 'saveEdits'; edits: Edit[]; }
  | { type: 'loadEdits'; }
  | { type: 'cancel'; id: number; }
  | { type: 'text'; id: string; }
  | { type: 'save'; id: number; content?: string; }
  | { type: 'hover'; tokens: number[]; }
  | { type: 'view'; state: ViewState; }
  | { type: 'command'; id: string; }
  | { type: 'drawn'; milliseconds: number; surface: string; }
  | { type: 'problem'; message: string; };

export interface Importance {
  values: number[];
  ranks: number[];
  tints: number[];
  tintsFrom: number[];
  ranges: (Range | null)[];
  title: string;
}

export interface LossPoint {
  first: number;
  step: number;
  loss: number;
  low: number;
  high: number;
  smoothed: number;
  rate: number;
}

export interface MapChoice {
  map: string;
  analysis?: string;
  layer?: number;
  head?: number;
  tokens?: number[];
  words?: boolean;
  special?: string;
}

export interface MapInfo {
  id: string;
  tensor?: string;
  analysis?: string;
  axes: string;
  parts?: string[];
  signed: boolean;
  target?: string;
  title: string;
  group: string;
  layers: number;
  heads: number;
  formula: string;
  paper: string;
  reading: string;
  caution: string;
  overview?: string;
}

export interface MethodInfo {
  id: string;
  title: string;
  group: string;
  formula: string;
  axes: string;
  explainsPrediction: boolean;
  problem?: string;
}

export interface ModelItem {
  name: string;
  source: string;
  detail: string;
  architecture: string;
  head: string;
  size: string;
  folder: string;
  canDelete: boolean;
  unfinished: boolean;
  problem?: string;
}

export interface ModelSummary {
  name: string;
  architecture: string;
  head: string;
  layers: number;
  heads: number;
  hidden: number;
}

export interface PageData {
  analysis: AnalysisSummary;
  view?: ViewState;
  others?: string[];
}

export interface Position {
  line: number;
  character: number;
}

export interface Prediction {
  token?: number;
  title: string;
  candidates: Candidate[];
}

export interface Range {
  start: Position;
  end: Position;
}

export interface RunExportParams {
  run: string;
  path: string;
}

export interface RunInfo {
  run: string;
  title: string;
  study: string;
  created: string;
  share: number;
  progress: string;
  complete: boolean;
  working: boolean;
  problem?: string;
}

export interface RunParams {
  run: string;
  workDoneToken?: string;
}

export interface RunsParams {
}

export type Segment = 'single' | 'question' | 'passage';

export interface ServerStatus {
  engine: string;
  device: string;
  reason: string;
  devices: DeviceItem[];
  model?: string;
}

export interface ShowParams {
  analysis: string;
  choice: MapChoice;
}

export interface Slice {
  path: string;
  shape: number[];
}

export interface SliceParams {
  analysis: string;
  tensor: string;
  index: number[];
}

export interface StaleParams {
  uri: string;
  analysis: string;
}

export interface StoredAnalysis {
  analysis: string;
}

export interface SweepBaseline {
  model: string;
  em: number;
  f1: number;
}

export interface SweepCell {
  zone: string;
  layer: number;
  strength: number;
  measure: string;
  mean: number;
  standardError: number;
  low: number;
  high: number;
  pValue: number;
  verdict: string;
  bySeed: number[];
}

export interface SweepContrast {
  title: string;
  mean: number;
  low: number;
  high: number;
  pValue: number;
  answer: string;
}

export interface SweepParams {
  models?: string[];
  data: string[];
  limit?: number;
  zones?: string[];
  layers?: number[];
  strengths?: number[];
  mode?: string;
  skipBad?: boolean;
  run?: string;
  workDoneToken?: string;
}

export interface SweepPlan {
  run: string;
  title: string;
  questions: number;
  skipped: number;
  cells: number;
  done: number;
  cost: string;
}

export interface SweepRank {
  zone: string;
  mean: number;
  low: number;
  high: number;
  rank: number;
  probabilities: number[];
}

export interface SweepReport {
  run: RunInfo;
  zones: string[];
  layers: number[];
  strengths: number[];
  models: SweepBaseline[];
  questions: number;
  cells: SweepCell[];
  ranking: SweepRank[];
  contrasts: SweepContrast[];
  findings: string[];
  notes: string[];
  methods: string;
}

export interface TextSource {
  uri?: string;
  range?: Range;
  cursor?: Position;
  version?: number;
  text?: string;
}

export interface TextTab {
  id: string;
  title: string;
}

export type ToStudy =
  | { type: 'zones'; report: ZoneReport; }
  | { type: 'sweep'; report: SweepReport; }
  | { type: 'training'; report: TrainingReport; }
  | { type: 'status'; busy?: string; error?: string; };

export type ToWebview =
  | { type: 'analysis'; analysis: AnalysisSummary; fileUri: string; view?: ViewState; }
  | { type: 'reply'; id: number; uri?: string; shape?: number[]; map?: MapInfo; stored?: string; analysis?: AnalysisSummary; trust?: TrustMatrix; error?: string; }
  | { type: 'highlight'; tokens: number[]; }
  | { type: 'status'; busy?: string; stale: boolean; error?: string; }
  | { type: 'picture'; id: number; format: string; }
  | { type: 'edits'; list: Edit[]; }
  | { type: 'texts'; list: TextTab[]; current?: string; pinned: boolean; }
  | { type: 'explain'; };

export interface TokenInfo {
  text: string;
  id: number;
  start: number;
  end: number;
  segment: Segment;
  special: boolean;
  word: number;
  range?: Range;
}

export interface TrainParams {
  objective: string;
  data: string[];
  dev?: string[];
  model: string;
  minutes?: number;
  epochs?: number;
  steps?: number;
  seed?: number;
  output: string;
  workDoneToken?: string;
}

export interface TrainingParams {
  output: string;
  workDoneToken?: string;
}

export interface TrainingReport {
  output: string;
  folder: string;
  title: string;
  state: string;
  progress: string;
  step: number;
  total: number;
  points: LossPoint[];
  looks: DevLook[];
  kept?: number;
  notes: string[];
}

export interface TrustMatrix {
  target: string;
  tokens: number[];
  methods: TrustedMethod[];
  correlations: (number | null)[];
  byChance: number;
}

export interface TrustParams {
  analysis: string;
  target?: string;
  workDoneToken?: string;
}

export interface TrustedMethod {
  id: string;
  title: string;
}

export interface VectorsParams {
  analysis: string;
  workDoneToken?: string;
}

export interface ViewState {
  choice: MapChoice;
  picture?: string;
  beside?: string;
  difference?: boolean;
  order?: string;
  asLines?: boolean;
  cut?: number;
  edges?: string;
  sink?: number;
  heads?: number[];
  sorted?: boolean;
  between?: string;
  threshold?: number;
  edits?: Edit[];
  target?: string;
  explanation?: string;
  changed?: string;
  computed?: string[];
}

export interface ZoneAnswer {
  text: string;
  start: number;
  end: number;
  probability: number;
}

export interface ZoneCell {
  zone: string;
  layer: number;
  strength: number;
  probability: number;
  deltaProbability: number;
  startLogit: number;
  startDelta: number;
  endLogit: number;
  endDelta: number;
  answer: ZoneAnswer;
  changed: boolean;
}

export interface ZoneDefinition {
  name: string;
  queries?: string;
  keys?: string;
}

export interface ZoneInfo {
  id: string;
  reading: string;
  definition: string;
  queries: number[];
  keys: number[];
  edit?: Edit;
  note?: string;
}

export interface ZoneReport {
  model: ModelSummary;
  device: string;
  milliseconds: number;
  question: string;
  passage: string;
  tokens: TokenInfo[];
  padding: number;
  mode: string;
  answer: ZoneAnswer;
  startLogit: number;
  endLogit: number;
  zones: ZoneInfo[];
  layers: number[];
  strengths: number[];
  cells: ZoneCell[];
  flops: number;
  flopsFromScratch: number;
  formula: string;
  reading: string;
  paper: string;
  notes: string[];
}

export interface ZonesParams {
  analysis?: string;
  question?: TextSource;
  passage?: TextSource;
  model?: string;
  zones?: string[];
  own?: ZoneDefinition[];
  layers?: number[];
  strengths?: number[];
  mode?: string;
  padTo?: number;
  workDoneToken?: string;
}
