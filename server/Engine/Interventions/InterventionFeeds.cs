using AttentionServer.Models;

namespace AttentionServer.Engine.Interventions;

/// <summary>
/// Interventions as the arrays a graph takes: for each site a scale and a shift, with axes of length 1 where all
/// interventions there choose everything.
/// </summary>
internal static class InterventionFeeds
{
    /// <summary>The sites that interventions touch in a model.</summary>
    public static IEnumerable<InterventionSite> Sites(IEnumerable<Intervention> interventions, ModelConfig config) =>
        from intervention in interventions
        where intervention.Place != null
        from layer in LayersOf(intervention, config)
        select new InterventionSite(intervention.Place!.Value, layer);

    /// <summary>The ids with replaced tokens.</summary>
    public static int[] Replace(int[] ids, IEnumerable<Intervention> interventions)
    {
        foreach (var intervention in interventions)
        {
            if (intervention.Id is not { } id)
                continue;
            ids = (int[])ids.Clone();
            foreach (var token in intervention.Tokens ?? [.. Enumerable.Range(0, ids.Length)])
                ids[token] = id;
        }

        return ids;
    }

    /// <summary>The scale and the shift of one site for the texts of a batch, each axis 1 or whole.</summary>
    public static (float[] Scale, float[] Shift, int[] Shape) At(InterventionSite site, IReadOnlyList<TokenInput> texts, ModelConfig config, int length)
    {
        var here = texts.Select(text => text.Interventions.Where(i => i.Place == site.Place && LayersOf(i, config).Contains(site.Layer)).ToArray()).ToArray();
        var axes = Axes(site.Place, config, length);
        var shape = new int[axes.Length + 1];
        shape[0] = texts.Count == 1 ? 1 : texts.Count;
        for (var axis = 0; axis < axes.Length; axis++)
            shape[axis + 1] = here.Any(list => list.Any(i => axes[axis].Chosen(i) != null)) ? axes[axis].Length : 1;

        var size = shape.Aggregate(1, (a, b) => checked(a * b));
        var (scale, shift) = (new float[size], new float[size]);
        Array.Fill(scale, 1);
        var inner = size / shape[0];
        for (var text = 0; text < shape[0]; text++)
            foreach (var intervention in here[text])
                Apply(intervention, axes, shape, scale.AsSpan(text * inner, inner), shift.AsSpan(text * inner, inner));
        return (scale, shift, shape);
    }

    /// <summary>The layers of an intervention; hidden states have one place more than there are layers.</summary>
    public static IReadOnlyList<int> LayersOf(Intervention intervention, ModelConfig config) =>
        intervention.Layers ?? [.. Enumerable.Range(0, config.Layers + (intervention.Place == InterventionPlace.Hidden ? 1 : 0))];

    // x · s₁ + b₁ and then · s₂ + b₂ is x · s₁s₂ + (b₁s₂ + b₂).
    private static void Apply(Intervention intervention, Axis[] axes, int[] shape, Span<float> scale, Span<float> shift)
    {
        // Plain loops: a zone of two long texts has tens of thousands of cells.
        int[] Chosen(int axis) => shape[axis + 1] == 1 ? [0] : axes[axis].Chosen(intervention) is { } some ? [.. some.Distinct()] : [.. Enumerable.Range(0, axes[axis].Length)];
        int[] inner = Chosen(axes.Length - 1), middle = Chosen(axes.Length - 2), outer = axes.Length > 2 ? Chosen(0) : [0];
        int row = shape[^1], plane = row * shape[^2];
        foreach (var first in outer)
            foreach (var second in middle)
                foreach (var third in inner)
                {
                    var place = (first * plane) + (second * row) + third;
                    scale[place] *= intervention.Scale;
                    shift[place] = (shift[place] * intervention.Scale) + intervention.Shift;
                }
    }

    private sealed record Axis(int Length, Func<Intervention, IReadOnlyList<int>?> Chosen);

    private static Axis[] Axes(InterventionPlace place, ModelConfig config, int length)
    {
        Axis heads = new(config.Heads, i => i.Heads), tokens = new(length, i => i.Tokens), keys = new(length, i => i.Keys);
        Axis Neurons(int width) => new(width, i => i.Neurons);
        return place switch
        {
            InterventionPlace.Hidden => [tokens, Neurons(config.Hidden)],
            InterventionPlace.Neurons => [tokens, Neurons(config.Intermediate)],
            InterventionPlace.Scores or InterventionPlace.Attention => [heads, tokens, keys],
            _ => [heads, tokens, Neurons(config.HeadSize)],
        };
    }
}
