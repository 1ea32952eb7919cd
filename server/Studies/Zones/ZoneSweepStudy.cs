using System.Globalization;
using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Studies.Reading;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Zones;

/// <summary>
/// Zones over data sets as a run: a cell is one zone in one layer at one strength, or none, for a slice of the questions. All cells of a model
/// and slice are one group, since they start from the same unmasked passes.
/// </summary>
public sealed class ZoneSweepStudy : IStudy
{
    /// <summary>What stands for the zone of the unmasked model.</summary>
    public const string NoZone = "none";

    internal const string Answer = "answer";
    internal const string Id = "id";

    /// <inheritdoc/>
    public string Name => ZoneSweep.Study;

    /// <inheritdoc/>
    public IReadOnlyList<string> Dimensions => ["model", "zone", "layer", "strength", "from"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Measures => SweepMeasures.All;

    /// <inheritdoc/>
    public IReadOnlyList<PlannedCell> Plan(RunManifest manifest)
    {
        var sweep = ZoneSweep.Of(manifest);
        var cells = sweep.Cells();
        var plan = new List<PlannedCell>();
        // Slice by slice, all models of each: what is finished early is about the same questions in all of them.
        for (var from = 0; from < sweep.Questions; from += sweep.Slice)
        {
            var count = Math.Min(sweep.Slice, sweep.Questions - from);
            foreach (var model in sweep.Models)
                foreach (var cell in cells.Prepend(null))
                    plan.Add(new(KeyOf(manifest, sweep, model, cell, from, count), count * (cell == null ? 1 : (double)(sweep.ModelLayers - cell.Layer) / sweep.ModelLayers)) { Group = $"{model} {from}" });
        }

        return plan;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Fingerprints(RunManifest manifest, CancellationToken cancellation)
    {
        var sweep = ZoneSweep.Of(manifest);
        if (sweep.Files.FirstOrDefault(f => !File.Exists(f)) is { } gone)
            throw new RunException($"run: {gone}: the file of questions is not there any more: bring it back, or start a new run");
        var now = new Dictionary<string, string> { [ZoneSweep.Engine] = ZoneSweep.EngineOf(), [ZoneSweep.Data] = ZoneSweep.HashOf(sweep.Files, sweep.SkipBad, cancellation) };
        foreach (var model in sweep.Models)
        {
            using var checkpoint = Checkpoint.Open(new ModelCatalog().Resolve(model).Folder);
            now[ZoneSweep.Model(model)] = checkpoint.Hash;
        }

        return now;
    }

    /// <inheritdoc/>
    public IStudySession Open(RunManifest manifest, ExecutionSettings settings, CancellationToken cancellation) => new Session(ZoneSweep.Of(manifest), settings, cancellation);

    /// <summary>The key of a cell: of a zone, or of the unmasked model where there is none.</summary>
    internal static CellKey KeyOf(RunManifest manifest, ZoneSweep sweep, string model, ZoneCell? cell, int from, int count)
    {
        string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
        return CellKey.Of(manifest, [ZoneSweep.Model(model), ZoneSweep.Data, ZoneSweep.Engine],
        [
            new("model", model),
            new("zone", cell?.Zone.Id ?? NoZone),
            new("layer", cell == null ? "" : Text(cell.Layer)),
            new("strength", cell == null ? "" : Text(cell.Strength)),
            new("tokens", cell?.Zone.Definition ?? ""),
            new("mode", cell == null ? "" : sweep.Mode),
            new("from", Text(from)),
            new("count", Text(count)),
            new("windows", $"{Text(sweep.Windows.MaxLength)} {Text(sweep.Windows.DocStride)} {Text(sweep.Windows.MaxQuestion)}"),
            new("rules", Text(sweep.Rules)),
        ]);
    }

    private sealed class Session(ZoneSweep sweep, ExecutionSettings settings, CancellationToken opening) : IStudySession
    {
        private readonly List<Question> _questions = [.. QuestionData.Read(sweep.Files, sweep.SkipBad ? new SkippedQuestions() : null, opening).Take(sweep.Questions)];
        private readonly IReadOnlyList<ZoneCell> _cells = sweep.Cells();
        private Model? _model;
        private string? _name;

        public IEnumerable<FinishedCell> Execute(IReadOnlyList<PlannedCell> cells, CancellationToken cancellation)
        {
            var key = cells[0].Key;
            var (from, count) = (int.Parse(key["from"], CultureInfo.InvariantCulture), int.Parse(key["count"], CultureInfo.InvariantCulture));
            var model = ModelOf(key["model"]);
            var windows = _questions.GetRange(from, count).Select(q => QuestionWindows.Of(q, model.Tokenizer, sweep.Windows)).ToList();
            // Which zone a key means, the plan says: it made both.
            var wanted = cells.Select(c => (c.Key, Cell: _cells.FirstOrDefault(z => IsOf(c.Key, z)))).ToList();
            var masked = wanted.Where(w => w.Cell != null).Select(w => w.Cell!).ToList();

            var logits = new Tensor[masked.Count + 1][];
            var texts = windows.SelectMany(q => q.Windows.Select(w => new ZoneText(w.Encoding))).ToList();
            for (var i = 0; i < logits.Length; i++)
                logits[i] = new Tensor[texts.Count];
            new ZoneRunner(new ZonePlan(model, texts, masked)).Run(result => logits[result.Cell is { } cell ? cell + 1 : 0][result.Text] = result.Logits, null, cancellation);
            foreach (var (name, cell) in wanted)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return new(name, Scored(windows, logits[cell == null ? 0 : masked.IndexOf(cell) + 1], withIds: cell == null));
            }
        }

        public void Dispose() => _model?.Dispose();

        private static bool IsOf(CellKey key, ZoneCell cell) =>
            key["zone"] == cell.Zone.Id && key["layer"] == cell.Layer.ToString(CultureInfo.InvariantCulture) && key["strength"] == cell.Strength.ToString(null, CultureInfo.InvariantCulture);

        private CellData Scored(List<QuestionWindows> questions, Tensor[] logits, bool withIds)
        {
            var options = new AnswerOptions { Candidates = 1, MayHaveNone = sweep.Rules == 2 };
            var rules = sweep.Rules == 2 ? ScoringRules.Squad2 : ScoringRules.Squad1;
            var (exact, f1, probability, answers) = (new double[questions.Count], new double[questions.Count], new double[questions.Count], new string[questions.Count]);
            var at = 0;
            for (var i = 0; i < questions.Count; i++)
            {
                var answer = AnswerDecoder.Decode(questions[i], logits[at..(at + questions[i].Windows.Count)], options);
                at += questions[i].Windows.Count;
                var score = AnswerScore.Of(answer.Text, questions[i].Question, rules);
                (exact[i], f1[i], probability[i], answers[i]) = (score.ExactMatch, score.F1, answer.GoldProbability ?? 0, answer.Text);
            }

            return new(
                [new(SweepMeasures.ExactMatch, exact), new(SweepMeasures.F1, f1), new(SweepMeasures.Probability, probability)],
                [new(Answer, answers), .. withIds ? [new KeyValuePair<string, string[]>(Id, [.. questions.Select(q => q.Question.Id)])] : Array.Empty<KeyValuePair<string, string[]>>()]);
        }

        private Model ModelOf(string name)
        {
            if (_name == name)
                return _model!;
            _model?.Dispose();
            _model = null;
            var found = new ModelCatalog().Resolve(name);
            (_model, _name) = (Model.Open(found.Name, found.Folder, settings), name);
            return _model;
        }
    }
}

/// <summary>What a sweep measures of each answer.</summary>
public static class SweepMeasures
{
    /// <summary>Exact match, 0 or 1.</summary>
    public const string ExactMatch = "em";

    /// <summary>Words in common, from 0 to 1.</summary>
    public const string F1 = "f1";

    /// <summary>The probability of the marked answers.</summary>
    public const string Probability = "probability";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [ExactMatch, F1, Probability];
}
