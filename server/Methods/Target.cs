using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods;

/// <summary>One logit and how it counts.</summary>
public readonly record struct TargetTerm(int Row, int Column, float Weight);

/// <summary>
/// What a prediction, and everything that explains one, is about: a weighted sum of logits. A head's logits are rows of
/// columns: words of the vocabulary at each token, tokens for an answer's start and end, classes of the text or of each token.
/// </summary>
public sealed record Target(HeadKind Head, IReadOnlyList<TargetTerm> Terms)
{
    /// <summary>The places whose word logits are needed; null for heads that have few logits.</summary>
    public int[]? WordsAt => Head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel ? [.. Terms.Select(t => t.Row).Distinct()] : null;

    /// <summary>The tokens whose last states the target is read from.</summary>
    public int[] Places(Model model, int tokens) => Head switch
    {
        HeadKind.QuestionAnswering => [.. Terms.Select(t => t.Column).Distinct()],
        HeadKind.Classification => [model.Architecture.Causal ? tokens - 1 : 0],
        _ => [.. Terms.Select(t => t.Row).Distinct()],
    };

    /// <summary>The sum of the target's logits; word logits may be those of <see cref="WordsAt"/> only.</summary>
    public double Logit(Tensor logits) => Terms.Sum(t => t.Weight * (double)Row(logits, t)[t.Column]);

    /// <summary>
    /// The probability of what the target names, by a softmax over its row (a sigmoid where tokens are judged one by one): of an
    /// answer, start times end; of a contrast, the difference.
    /// </summary>
    public double Probability(Tensor logits)
    {
        // Of a span as the search for answers adds it up, so that both say the same number to the last bit.
        if (Head == HeadKind.QuestionAnswering && Terms.Count > 1)
            return Math.Exp(Terms.Sum(t => Row(logits, t)[t.Column] - SpanSearch.LogSum(Row(logits, t))));
        return Terms.Sum(t => t.Weight * Probability(Row(logits, t), t.Column));
    }

    /// <summary>What flows back from the target's logits: their weights, laid out like the logits.</summary>
    public Tensor LogitGradient(Tensor logits)
    {
        var gradient = new float[logits.Length];
        foreach (var term in Terms)
            gradient[Offset(logits, term) + term.Column] += term.Weight;
        return new(gradient, logits.Shape);
    }

    /// <summary>What flows back from the loss −ln p of the target's own class or word: the softmax minus the choice.</summary>
    public Tensor LossGradient(Tensor logits)
    {
        var gradient = new float[logits.Length];
        foreach (var term in Terms)
        {
            var row = Row(logits, term);
            for (var column = 0; column < row.Length; column++)
                gradient[Offset(logits, term) + column] += (float)(term.Weight * (Probability(row, column) - (column == term.Column ? 1 : 0)));
        }

        return new(gradient, logits.Shape);
    }

    /// <summary>The target in words, as the terminal takes it.</summary>
    public override string ToString()
    {
        var (first, last) = (Terms[0], Terms[^1]);
        return Head switch
        {
            HeadKind.QuestionAnswering when Terms.Count > 1 => $"span={first.Column}-{last.Column}",
            HeadKind.QuestionAnswering => $"{(first.Row == 0 ? "start" : "end")}={first.Column}",
            HeadKind.Classification => $"class={first.Column}{(Terms.Count > 1 ? $",versus={last.Column}" : "")}",
            HeadKind.TokenClassification => $"pos={first.Row},class={first.Column}",
            HeadKind.ReplacedTokenDetection => $"pos={first.Row}",
            _ => $"pos={first.Row},id={first.Column}{(Terms.Count > 1 ? $",versus={last.Column}" : "")}",
        };
    }

    private double Probability(ReadOnlySpan<float> row, int column)
    {
        if (Head == HeadKind.ReplacedTokenDetection)
            return 1 / (1 + Math.Exp(-row[column]));
        var (max, sum) = (float.NegativeInfinity, 0.0);
        foreach (var logit in row)
            max = Math.Max(max, logit);
        foreach (var logit in row)
            sum += Math.Exp((double)logit - max);
        return Math.Exp((double)row[column] - max) / sum;
    }

    private ReadOnlySpan<float> Row(Tensor logits, TargetTerm term) => logits.Span.Slice(Offset(logits, term), Width(logits));

    private int Offset(Tensor logits, TargetTerm term)
    {
        // Of picked places, the row is that of the place among them.
        var row = WordsAt is { } places && logits.Shape[0] == places.Length ? Array.IndexOf(places, term.Row) : term.Row;
        return row * Width(logits);
    }

    private int Width(Tensor logits) => Head == HeadKind.ReplacedTokenDetection ? 1 : logits.Shape[^1];
}
