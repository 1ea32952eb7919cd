using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;

namespace AttentionServer.Studies.Zones;

/// <summary>An answer: its text, its tokens, and p(start) · p(end), both softmaxes over all tokens.</summary>
public sealed record ZoneAnswer(string Text, int Start, int End, double Probability);

/// <summary>A zone of a report and its tokens in the text; the note says why it changes nothing, where it does not.</summary>
public sealed record ReportedZone(Zone Zone, IReadOnlyList<int> Queries, IReadOnlyList<int> Keys, string? Note);

/// <summary>
/// What masking one cell does: to the unmasked answer's probability and logits, as they are and as they differ from unmasked, and
/// which answer the model gives instead.
/// </summary>
public sealed record ReportedCell(ZoneCell Cell, double Probability, double DeltaProbability, float StartLogit, float StartDelta, float EndLogit, float EndDelta, ZoneAnswer Answer, bool Changed)
{
    /// <summary>The logits [2,T] that all this is read from.</summary>
    public required Tensor Logits { get; init; }
}

/// <summary>Zones masked one by one in one question and passage (arXiv 2410.20652, for one example): what the answer hangs on.</summary>
public sealed record ZoneReport
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }

    /// <summary>The question and the passage.</summary>
    public required ZoneText Text { get; init; }

    /// <summary>How zones were masked.</summary>
    public required MaskMode Mode { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<ReportedZone> Zones { get; init; }

    /// <summary>The layers, from 0, ascending.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>The strengths, ascending.</summary>
    public required IReadOnlyList<float> Strengths { get; init; }

    /// <summary>The answer without a mask.</summary>
    public required ZoneAnswer Answer { get; init; }

    /// <summary>The logit of the answer's start.</summary>
    public required float StartLogit { get; init; }

    /// <summary>The logit of the answer's end.</summary>
    public required float EndLogit { get; init; }

    /// <summary>The logits [2,T] without a mask.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>Every zone in every layer at every strength, in the order of <see cref="ZoneCell.Grid"/>.</summary>
    public required IReadOnlyList<ReportedCell> Cells { get; init; }

    /// <summary>What it cost.</summary>
    public required ZonePlan Plan { get; init; }

    /// <summary>What readers should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The cells of one zone in one layer, from the weakest to the strongest: the dose–response curve.</summary>
    public IReadOnlyList<ReportedCell> Curve(Zone zone, int layer) => [.. Cells.Where(c => c.Cell.Zone == zone && c.Cell.Layer == layer)];

    /// <summary>Computes a report.</summary>
    public static ZoneReport Of(Model model, ZoneText text, ZoneChoice choice, IProgress<double>? progress, CancellationToken cancellation)
    {
        var encoding = text.Encoding;
        int[] layers = [.. (choice.Layers ?? [.. Enumerable.Range(0, model.Config.Layers)]).Distinct().Order()];
        float[] strengths = [.. choice.Strengths.Distinct().Order()];
        var plan = new ZonePlan(model, [text], ZoneCell.Grid(choice.Zones, layers, strengths, choice.Mode));
        if (encoding.Pair == null)
            throw new MethodException($"zones: {model.Name}: it answers questions about a passage: give a question and a passage");

        Tensor? unmasked = null;
        var masked = new Tensor[plan.Cells.Count];
        void Take(ZoneLogits result)
        {
            if (result.Cell is { } cell)
                masked[cell] = result.Logits;
            else
                unmasked = result.Logits;
        }

        new ZoneRunner(plan).Run(Take, progress, cancellation);

        var answer = Best(model, text, unmasked!);
        var target = new Target(HeadKind.QuestionAnswering, [new(0, answer.Start, 1), new(1, answer.End, 1)]);
        float start = unmasked!.At(0)[answer.Start], end = unmasked.At(1)[answer.End];
        return new()
        {
            Model = model.Name,
            Device = model.Device.Name,
            Text = text,
            Mode = choice.Mode,
            Zones = [.. choice.Zones.Select(zone => Reported(zone, text))],
            Layers = layers,
            Strengths = strengths,
            Answer = answer,
            StartLogit = start,
            EndLogit = end,
            Logits = unmasked,
            Plan = plan,
            Cells = [.. plan.Cells.Zip(masked, Cell)],
            Notes = [.. new[] { encoding.Truncation?.Sentence, model.Device.Notice }.OfType<string>(), .. choice.Zones.Select(z => Reported(z, text).Note).OfType<string>()],
        };

        ReportedCell Cell(ZoneCell cell, Tensor logits)
        {
            var probability = target.Probability(logits);
            var now = Best(model, text, logits);
            float startNow = logits.At(0)[answer.Start], endNow = logits.At(1)[answer.End];
            return new(cell, probability, probability - answer.Probability, startNow, startNow - start, endNow, endNow - end, now, (now.Start, now.End) != (answer.Start, answer.End)) { Logits = logits };
        }
    }

    private static ReportedZone Reported(Zone zone, ZoneText text)
    {
        var (queries, keys) = text.Cells(zone);
        var note = zone == Zone.PaperAll && text.Padding > 0 ? null : zone.NothingIn(text.Encoding);
        return new(zone, queries, keys, note);
    }

    private static ZoneAnswer Best(Model model, ZoneText text, Tensor logits)
    {
        if (Prediction.Read(model, text.Encoding, logits, [], 1)[0].Candidates is not [var best, ..])
            throw new MethodException($"zones: {model.Name}: the passage has no token that could be an answer: give it a longer one");
        // Candidates name their tokens as targets do: span=first-last.
        var span = TargetChoice.Parse(best.Target, model, text.Encoding.Ids.Length);
        return new(best.Text, span.Start!.Value, span.End!.Value, best.Probability);
    }
}

/// <summary>What a report is to cover.</summary>
public sealed record ZoneChoice
{
    /// <summary>The columns; the paper's five unless said otherwise.</summary>
    public IReadOnlyList<Zone> Zones { get; init; } = Zone.Paper;

    /// <summary>The layers, from 0; all where null.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>How strongly, from 0 to 1.</summary>
    public IReadOnlyList<float> Strengths { get; init; } = [1];

    /// <summary>Before the softmax or after it.</summary>
    public MaskMode Mode { get; init; } = MaskMode.Score;
}
