using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods.Zones;
using AttentionServer.Models.Catalog;
using AttentionServer.Studies.Executors;
using AttentionServer.Studies.Reading;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Statistics;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Tests.Studies.Zones;

/// <summary>A sweep finds what each of its cells finds alone, goes on where it stopped, grows, and refuses what has changed.</summary>
public sealed class ZoneSweepTests : IDisposable
{
    private static readonly string[] Passages =
    [
        "The palace was enlarged by Louis. Its garden was designed by Andre in 1661, whose plans took twelve years.",
        "Mount Kosciuszko is the highest mountain of Australia. It was named by the explorer Strzelecki.",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("attention-sweep-").FullName;

    [Fact]
    public void Every_cell_is_what_its_changes_give_alone()
    {
        var run = Swept(Request() with { Strengths = [0.5f, 1] }, "run");
        var sweep = ZoneSweep.Of(run.Manifest);
        using var model = Model.Open("attention-mini-qa", new ModelCatalog().Resolve("attention-mini-qa").Folder, new ExecutionSettings { Device = "cpu" });
        var questions = QuestionData.Read(sweep.Files).ToList();
        foreach (var cell in run.Cells())
        {
            var from = int.Parse(cell.Key["from"], System.Globalization.CultureInfo.InvariantCulture);
            for (var i = 0; i < cell.Data.Count; i++)
            {
                var windows = QuestionWindows.Of(questions[from + i], model.Tokenizer, sweep.Windows);
                IReadOnlyList<Tensor> logits = [.. windows.Windows.Select(w => Alone(model, w.Encoding, cell.Key))];
                var answer = AnswerDecoder.Decode(windows, logits, new() { Candidates = 1 });
                Assert.Equal(answer.Text, cell.Data.Texts["answer"][i]);
                Assert.Equal(answer.GoldProbability!.Value, cell.Data.Numbers["probability"][i], 1e-4);
                Assert.Equal(AnswerScore.Of(answer.Text, questions[from + i], ScoringRules.Squad1).F1, cell.Data.Numbers["f1"][i]);
            }
        }

        Assert.Equal(2 * (1 + (5 * 4 * 2)), run.CountFiles());
    }

    [Fact]
    public void A_sweep_that_was_stopped_goes_on_to_the_same_bytes()
    {
        var whole = Swept(Request(), "whole");
        var (manifest, _) = ZoneSweep.Start(Request(), CancellationToken.None);
        var part = RunFolder.Create(Path.Combine(_folder, "part"), manifest);
        using var stop = new CancellationTokenSource();
        // Stopped after the first slice, and what was finished is half lost: as a kill and a power cut leave it.
        Assert.ThrowsAny<OperationCanceledException>(() => Work(part, new Stop(() => part.CountFiles() >= 10, stop), stop.Token));
        var files = Directory.GetFiles(Path.Combine(part.Path, "cells"), "*.cell", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(files.Count, 10, 41);
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..20]);
        File.Delete(files[1]);
        Work(RunFolder.Open(part.Path), null, CancellationToken.None);
        Assert.Equal(BytesOf(whole), BytesOf(part));
    }

    [Fact]
    public void A_sweep_grows_and_keeps_what_is_finished()
    {
        var run = Swept(Request() with { Zones = ["Q2"] }, "run");
        var before = BytesOf(run);
        run.Extend(ZoneSweep.Start(Request() with { Zones = ["Q2", "years=passage:/\\d{4}/<-question"] }, CancellationToken.None).Manifest);
        Work(run, null, CancellationToken.None);
        var after = BytesOf(run);
        Assert.Equal(2 * (1 + 8), after.Count);
        foreach (var (name, hash) in before)
            Assert.Equal(hash, after[name]);
    }

    [Fact]
    public void Data_that_changed_is_refused()
    {
        var run = Swept(Request() with { Zones = ["Q2"], Layers = [0] }, "run");
        File.AppendAllText(DataFile(), " ");
        var error = Assert.Throws<RunException>(() => Work(run, null, CancellationToken.None));
        Assert.Contains("data has changed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_says_where_the_cells_lie_and_what_cannot_be_told()
    {
        var report = ZoneSweepReport.Of(Swept(Request(), "run"), new InferenceOptions { Resamples = 200, Flips = 199 });
        Assert.Equal(40, report.Questions);
        Assert.Equal(20, report.Cells.Count(c => c.Measure == SweepMeasures.F1));
        var baseline = Assert.Single(report.Baselines);
        Assert.InRange(baseline.F1, baseline.ExactMatch, 100);
        foreach (var cell in report.Cells)
        {
            Assert.InRange(cell.Estimate.Mean, cell.Estimate.ByExample.Low - 1e-9, cell.Estimate.ByExample.High + 1e-9);
            Assert.Null(cell.Estimate.BySeed);
        }

        Assert.Equal(3, report.Contrasts.Count);
        Assert.Equal([1, 2, 3, 4, 5], report.Ranking.Select(r => r.Rank));
        Assert.Contains(report.Notes, n => n.Contains("One seed", StringComparison.Ordinal));
        Assert.Equal(1, ZoneSweepReport.Compare(report, report, new InferenceOptions { Resamples = 50 }).Spearman, 1e-9);
    }

    [Theory]
    [InlineData("attention-mini", "does not answer questions")]
    [InlineData("attention-mini-qaa", "did you mean attention-mini-qa")]
    public void A_model_that_cannot_be_swept_is_refused(string model, string why)
    {
        var error = Assert.ThrowsAny<UserException>(() => ZoneSweep.Start(Request() with { Models = [model] }, CancellationToken.None));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_requests_are_refused_in_one_sentence()
    {
        Assert.Contains("layer 9", Refused(Request() with { Layers = [9] }), StringComparison.Ordinal);
        Assert.Contains("BLOCK", Refused(Request() with { Zones = ["BLOCK"] }), StringComparison.Ordinal);
        Assert.Contains("2 times", Refused(Request() with { Zones = ["Q2", "Q2"] }), StringComparison.Ordinal);
        Assert.Contains("limit 0", Refused(Request() with { Limit = 0 }), StringComparison.Ordinal);
        Assert.Contains("strength 2", Refused(Request() with { Strengths = [2] }), StringComparison.Ordinal);
        Assert.Contains("2 times", Refused(Request() with { Models = ["attention-mini-qa", "attention-mini-qa"] }), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Refused(ZoneSweepRequest request) => Assert.ThrowsAny<UserException>(() => ZoneSweep.Start(request, CancellationToken.None)).Message;

    /// <summary>The cell as an ordinary change to the model, a whole pass for one text.</summary>
    private static Tensor Alone(Model model, AttentionServer.Text.Encoding encoding, CellKey key)
    {
        IReadOnlyList<Intervention> changes = key["zone"] == ZoneSweepStudy.NoZone ? []
            : Zone.Find(key["zone"]).Mask(encoding, int.Parse(key["layer"], System.Globalization.CultureInfo.InvariantCulture), float.Parse(key["strength"], System.Globalization.CultureInfo.InvariantCulture), MaskMode.Score);
        using var trace = model.Trace(TokenInput.Of(encoding) with { Interventions = changes }, new() { Logits = true }, CancellationToken.None);
        return new(trace.Logits!.Span.ToArray(), trace.Logits.Shape);
    }

    private ZoneSweepRequest Request() => new() { Models = ["attention-mini-qa"], Files = [DataFile()], Slice = 32 };

    private RunFolder Swept(ZoneSweepRequest request, string name)
    {
        var run = RunFolder.Create(Path.Combine(_folder, name), ZoneSweep.Start(request, CancellationToken.None).Manifest);
        Work(run, null, CancellationToken.None);
        return run;
    }

    private static void Work(RunFolder run, IProgress<RunProgress>? progress, CancellationToken cancellation) =>
        new LocalExecutor().Execute(run, StudyRegistry.Default.Of(run), new() { Settings = new ExecutionSettings { Device = "cpu" } }, progress, cancellation);

    private static SortedDictionary<string, string> BytesOf(RunFolder run) => new(
        Directory.GetFiles(Path.Combine(run.Path, "cells"), "*.cell", SearchOption.AllDirectories).ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);

    /// <summary>Forty questions: two slices.</summary>
    private string DataFile()
    {
        var path = Path.Combine(_folder, "questions.json");
        if (File.Exists(path))
            return path;
        var paragraphs = Enumerable.Range(0, 20).Select(i =>
        {
            var context = $"Note {i}. {Passages[i % 2]}";
            string[] answers = i % 2 == 0 ? ["Andre", "1661"] : ["Mount Kosciuszko", "Strzelecki"];
            string[] asked = i % 2 == 0 ? ["Who designed the garden?", "When was the garden designed?"] : ["What is the highest mountain of Australia?", "Who named it?"];
            return new { context, qas = asked.Select((q, n) => new { id = $"{i}-{n}", question = q, answers = new[] { new { text = answers[n], answer_start = context.IndexOf(answers[n], StringComparison.Ordinal) } } }) };
        });
        File.WriteAllText(path, JsonSerializer.Serialize(new { version = "1.1", data = new[] { new { title = "notes", paragraphs } } }));
        return path;
    }

    private sealed class Stop(Func<bool> when, CancellationTokenSource source) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (when())
                source.Cancel();
        }
    }
}
