using AttentionServer.Engine;

namespace AttentionServer.Studies.Reading;

/// <summary>How a passage is cut into windows that a model can read (the names are those of BERT's published runs).</summary>
public sealed record WindowOptions
{
    /// <summary>The most tokens of a window: question, passage and the template's.</summary>
    public int MaxLength { get; init; } = 384;

    /// <summary>How many tokens of the passage further each window begins.</summary>
    public int DocStride { get; init; } = 128;

    /// <summary>The most tokens of the question; the rest of a longer one is left out.</summary>
    public int MaxQuestion { get; init; } = 64;

    /// <summary>The usual ones, or smaller ones where the model has fewer positions.</summary>
    public static WindowOptions For(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Within(model.MaxTokens);
    }

    internal static WindowOptions Within(int positions)
    {
        var usual = new WindowOptions();
        return positions >= usual.MaxLength ? usual : new()
        {
            MaxLength = positions,
            DocStride = Math.Clamp(positions / 3, 1, usual.DocStride),
            MaxQuestion = Math.Clamp(positions / 3, 1, usual.MaxQuestion),
        };
    }
}
