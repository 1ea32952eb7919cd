using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Methods.Zones;
using AttentionServer.Models.Catalog;
using AttentionServer.Studies.Reading;
using AttentionServer.Studies.Zones;
using AttentionServer.Tests.Studies.Reading;
using Xunit.Abstractions;

namespace AttentionServer.Tests.Studies.Zones;

/// <summary>What the reuse of unmasked hidden states saves, raced on real questions; with ATTENTION_RACE=1, because it takes minutes.</summary>
public class ZoneRaceTests(ITestOutputHelper output)
{
    private const int Questions = 60;
    private const int Batch = 8;

    [RaceFact]
    public void A_sweep_is_three_times_as_fast_as_each_cell_from_scratch_padded_to_the_longest()
    {
        using var model = Model.Open("attention-mini-qa", new ModelCatalog().Resolve("attention-mini-qa").Folder, new ExecutionSettings { Device = "cpu" });
        var texts = SharedData.Dev1.Where((_, i) => i % 170 == 0).Take(Questions)
            .SelectMany(q => QuestionWindows.Of(q, model.Tokenizer, WindowOptions.For(model)).Windows.Select(w => new ZoneText(w.Encoding))).ToList();
        var cells = ZoneCell.Grid(Zone.Paper, [.. Enumerable.Range(0, model.Config.Layers)], [1], MaskMode.Score);
        var longest = texts.Max(t => t.Length);
        List<double> with = [], without = [];
        double worst = 0;
        for (var round = 0; round < 2; round++)
        {
            var found = new Tensor[cells.Count, texts.Count];
            with.Add(Timed(() => new ZoneRunner(new ZonePlan(model, texts, cells)).Run(r => { if (r.Cell is { } cell) found[cell, r.Text] = r.Logits; }, null, CancellationToken.None)));
            without.Add(Timed(() =>
            {
                // The longest text in every batch makes all of them as long as the paper's pipeline does.
                var longestText = texts.First(t => t.Length == longest);
                for (var c = -1; c < cells.Count; c++)
                    for (var from = 0; from < texts.Count; from += Batch - 1)
                    {
                        var batch = texts.Skip(from).Take(Batch - 1).ToList();
                        var inputs = batch.Append(longestText).Select(t => t.Input(model.Config) with { Interventions = c < 0 ? [] : cells[c].Zone.Mask(t.Encoding, cells[c].Layer, 1, MaskMode.Score) }).ToList();
                        var traces = model.TraceBatch(inputs, new() { Logits = true }, CancellationToken.None);
                        for (var i = 0; c >= 0 && i < batch.Count; i++)
                            worst = Math.Max(worst, found[c, from + i].Span.ToArray().Zip(traces[i].Logits!.Span.ToArray(), (a, b) => Math.Abs(a - b)).Max());
                    }
            }) * (Batch - 1) / Batch);
        }

        var ratio = without.Min() / with.Min();
        output.WriteLine($"{texts.Count} windows, the longest {longest}: reuse {string.Join(", ", with.Select(s => $"{s:0.0}"))} s, from scratch {string.Join(", ", without.Select(s => $"{s:0.0}"))} s: {ratio:0.0} ×; largest difference of a logit {worst:e1}");
        Assert.True(worst < 1e-4, $"{worst}");
        Assert.True(ratio >= 3, $"{ratio:0.00}");
    }

    private static double Timed(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    private sealed class RaceFactAttribute : FactAttribute
    {
        public RaceFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("ATTENTION_RACE") != "1" || !File.Exists(SharedData.Dev))
                Skip = "It takes minutes: set ATTENTION_RACE=1, with SQuAD's development set beside the checkout.";
        }
    }
}
