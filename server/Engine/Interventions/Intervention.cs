using AttentionServer.Models;

namespace AttentionServer.Engine.Interventions;

/// <summary>
/// A change to the forward pass: at one place, in the chosen layers, heads, tokens and neurons (null chooses all), each
/// number x becomes x · scale + shift. Or a token of the text that is replaced before the pass.
/// </summary>
public sealed record Intervention
{
    /// <summary>What stands for −∞ in scores: finite, so that a row with every key masked attends evenly instead of to nothing.</summary>
    public const float Never = -1e9f;

    /// <summary>What is changed; null for a replaced token.</summary>
    public InterventionPlace? Place { get; init; }

    /// <summary>In which layers, from 0; for hidden states, after how many.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>In which heads.</summary>
    public IReadOnlyList<int>? Heads { get; init; }

    /// <summary>At which tokens; for scores and attention, the queries.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>At which keys, for scores and attention.</summary>
    public IReadOnlyList<int>? Keys { get; init; }

    /// <summary>Which neurons: components of hidden states, of q, k, v and mixed values of a head, or feed-forward neurons.</summary>
    public IReadOnlyList<int>? Neurons { get; init; }

    /// <summary>The factor.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>The summand.</summary>
    public float Shift { get; init; }

    /// <summary>The id that replaces a token.</summary>
    public int? Id { get; init; }

    /// <summary>The ids of a text with its replaced tokens.</summary>
    public static int[] Replaced(TokenInput text) => InterventionFeeds.Replace(text.Ids, text.Interventions);

    /// <summary>Weakens attention before the softmax: strength s adds ln(1 − s) to scores, so 1 masks (Cui et al. 2022 mask with −10000).</summary>
    public static Intervention Mask(float strength) => new()
    {
        Place = InterventionPlace.Scores,
        Shift = strength >= 1 ? Never : MathF.Log(1 - strength),
    };

    /// <summary>Weakens attention after the softmax: strength s multiplies probabilities by 1 − s, and rows are not normalised again.</summary>
    public static Intervention Gate(float strength) => new() { Place = InterventionPlace.Attention, Scale = 1 - strength };
}
