using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;

namespace AttentionServer.Studies.Zones;

/// <summary>
/// What a zone study will compute, and what it costs, before it starts. Masking layer l leaves the layers below untouched: one
/// unmasked pass a text, and of each cell only the blocks from l on.
/// </summary>
public sealed class ZonePlan
{
    /// <summary>Plans cells for texts; a model that cannot answer questions is refused.</summary>
    public ZonePlan(Model model, IReadOnlyList<ZoneText> texts, IReadOnlyList<ZoneCell> cells)
    {
        if (model.Head != HeadKind.QuestionAnswering)
            throw new MethodException($"zones: {model.Name}: {(model.Head is { } head ? $"its head is {head.Title()}" : "it is a bare encoder")}: choose a model for question answering, such as attention-mini-qa");
        if (cells.FirstOrDefault(c => c.Layer < 0 || c.Layer >= model.Config.Layers) is { } outside)
            throw new MethodException($"zones: layer {outside.Layer}: {model.Name} has layers 0 to {model.Config.Layers - 1}");
        (Model, Texts, Cells) = (model, texts, cells);
        var longest = texts.Select(t => t.Length).DefaultIfEmpty(0).Max();
        foreach (var text in texts)
        {
            Flops += model.ForwardFlops(text.Length);
            foreach (var cell in cells)
                if (Changes(text, cell))
                    (Flops, Passes) = (Flops + model.ForwardFlops(text.Length, cell.Layer), Passes + 1);
        }

        FlopsFromScratch = model.ForwardFlops(longest) * texts.Count * (cells.Count + 1);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The texts.</summary>
    public IReadOnlyList<ZoneText> Texts { get; }

    /// <summary>The cells, each for every text.</summary>
    public IReadOnlyList<ZoneCell> Cells { get; }

    /// <summary>Cells times texts for which there is something to compute: where a zone has no tokens, the unmasked answer stands.</summary>
    public int Passes { get; }

    /// <summary>Products and sums, two for each multiply-add.</summary>
    public double Flops { get; }

    /// <summary>The same if every cell, and the baseline, were a whole pass over texts padded to the longest.</summary>
    public double FlopsFromScratch { get; }

    internal static bool Changes(ZoneText text, ZoneCell cell)
    {
        if (cell.Strength == 0)
            return false;
        if (cell.Zone == Zone.PaperAll)
            return text.Padding > 0;
        var (queries, keys) = text.Cells(cell.Zone);
        return queries.Count > 0 && keys.Count > 0;
    }
}
