using System.Diagnostics;
using System.Globalization;
using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Studies.Reading;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Zones;

/// <summary>What a sweep costs, before it starts: operations counted over a sample of its questions, and time by how fast one of them is here.</summary>
public sealed record ZoneSweepCost(double Flops, double FlopsFromScratch, TimeSpan Time)
{
    private const int Sample = 48;

    /// <summary>Looks at the first model and a few questions from all over the data.</summary>
    public static ZoneSweepCost Of(ZoneSweep sweep, ExecutionSettings settings, CancellationToken cancellation)
    {
        var every = Math.Max(1, sweep.Questions / Sample);
        var questions = QuestionData.Read(sweep.Files, sweep.SkipBad ? new SkippedQuestions() : null, cancellation).Take(sweep.Questions).Where((_, i) => i % every == 0).Take(Sample).ToList();
        var found = new ModelCatalog().Resolve(sweep.Models[0]);
        using var model = Model.Open(found.Name, found.Folder, settings);
        var texts = questions.SelectMany(q => QuestionWindows.Of(q, model.Tokenizer, sweep.Windows).Windows.Select(w => new ZoneText(w.Encoding))).ToList();
        var whole = new ZonePlan(model, texts, sweep.Cells());
        var scale = (double)sweep.Questions / questions.Count * sweep.Models.Count;

        // The first run composes the graphs and is not what the others take.
        var typical = texts.OrderBy(t => t.Length).ElementAt(texts.Count / 2);
        var one = new ZonePlan(model, [typical], sweep.Cells());
        var clock = new Stopwatch();
        for (var i = 0; i < 2; i++)
        {
            clock.Restart();
            new ZoneRunner(one).Run(_ => { }, null, cancellation);
        }

        return new(whole.Flops * scale, whole.FlopsFromScratch * scale, clock.Elapsed * Math.Min(1e9, whole.Flops * scale / Math.Max(1, one.Flops)));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Flops / 1e9:N0} GFLOP ({FlopsFromScratch / Math.Max(1, Flops):0.0} × fewer than every cell from scratch), about {RunProgress.InWords(Time)} here");
}
