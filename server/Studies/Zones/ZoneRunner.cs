using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Studies.Zones;

/// <summary>The start and end logits [2,T] of one text: unmasked where the cell is null, else under that cell of the plan.</summary>
public readonly record struct ZoneLogits(int Text, int? Cell, Tensor Logits);

/// <summary>Computes the cells of a zone plan: unmasked hidden states once a text, the rest of the pass once a cell.</summary>
public sealed class ZoneRunner(ZonePlan plan)
{
    // Zones of one text side by side have one length, so nothing is padding; more at once only fills the caches of a processor.
    private const int ProcessorTokens = 1024;
    private const int AcceleratorTokens = 1 << 15;

    private readonly Model _model = plan.Model;

    /// <summary>Tokens that one run of the model takes at most, if memory allows; more texts share a run where they are alike in length.</summary>
    public int TokensAtOnce { get; init; } = plan.Model.Device.IsProcessor ? ProcessorTokens : AcceleratorTokens;

    /// <summary>
    /// Computes everything, the longest texts first, and hands on each result as soon as it is there: of each text the unmasked
    /// logits, then its cells. Told the share of the work that is done, from 0 to 1.
    /// </summary>
    public void Run(Action<ZoneLogits> take, IProgress<double>? progress, CancellationToken cancellation)
    {
        var done = 0.0;
        void Did(double flops) => progress?.Report(Math.Min(1, (done += flops) / Math.Max(1, plan.Flops)));
        var layers = plan.Cells.Select((cell, at) => (Cell: cell, At: at)).GroupBy(c => (c.Cell.Layer, c.Cell.Mode)).OrderBy(g => g.Key).ToList();
        var order = Enumerable.Range(0, plan.Texts.Count).OrderByDescending(i => plan.Texts[i].Length).ToList();
        foreach (var texts in Parts(order, text => plan.Texts[text].Length, Kept))
        {
            var unmasked = _model.TraceBatch([.. texts.Select(t => plan.Texts[t].Input(_model.Config))], new() { Logits = true, HiddenStates = plan.Cells.Count > 0 }, cancellation);
            for (var i = 0; i < texts.Count; i++)
            {
                Hand(texts[i], null, unmasked[i].Logits!);
                Did(_model.ForwardFlops(plan.Texts[texts[i]].Length));
            }

            foreach (var layer in layers)
            {
                var waiting = new List<(int Text, int Cell, ResumedInput Input)>();
                for (var i = 0; i < texts.Count; i++)
                    foreach (var (cell, at) in layer)
                        if (plan.Texts[texts[i]].Masked(cell, _model.Config) is { } masked)
                            waiting.Add((texts[i], at, new(masked, unmasked[i].HiddenStates[cell.Layer])));
                        else
                            Hand(texts[i], at, unmasked[i].Logits!);
                foreach (var run in Parts(waiting, w => w.Input.Text.Length, Masks))
                {
                    var traces = _model.Resume(layer.Key.Layer, [.. run.Select(w => w.Input)], new() { Logits = true }, cancellation);
                    for (var i = 0; i < run.Count; i++)
                    {
                        Hand(run[i].Text, run[i].Cell, traces[i].Logits!);
                        Did(_model.ForwardFlops(run[i].Input.Text.Length, layer.Key.Layer));
                    }
                }
            }
        }

        // What padding would say is nothing a text could answer with.
        void Hand(int text, int? cell, Tensor logits) => take(new(text, cell, logits.Crop([2, plan.Texts[text].Encoding.Ids.Length])));
    }

    private long Kept(int length) => sizeof(float) * (_model.Config.Layers + 1L) * length * _model.Config.Hidden;

    private static long Masks(int length) => sizeof(float) * 2L * length * length;

    /// <summary>Items in order, as many at once as the tokens and the memory of a run allow; the longest of them says how long all are.</summary>
    private IEnumerable<List<T>> Parts<T>(IReadOnlyList<T> items, Func<T, int> length, Func<int, long> besides)
    {
        var memory = _model.Settings.EffectiveMemoryLimit;
        var part = new List<T>();
        var longest = 0;
        foreach (var item in items)
        {
            var whole = Math.Max(longest, length(item));
            var bytes = _model.ForwardBytes(whole) + besides(whole);
            if (bytes > memory)
                throw new MethodException($"zones: {whole} tokens: a pass needs {bytes / 1e9:0.0} GB of memory and {memory / 1e9:0.0} GB are allowed: choose a shorter text or a smaller model");
            if (part.Count > 0 && ((part.Count + 1) * whole > TokensAtOnce || (part.Count + 1) * bytes > memory))
            {
                yield return part;
                (part, whole) = ([], length(item));
            }

            part.Add(item);
            longest = whole;
        }

        if (part.Count > 0)
            yield return part;
    }
}
