using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Methods;

/// <summary>One thing a head may say, with its probability, and the target that stands for it.</summary>
public sealed record Candidate(string Text, double Probability, string Target);

/// <summary>What a head says about one place or about the whole text; best candidates first.</summary>
public sealed record Prediction(int? Token, string Title, IReadOnlyList<Candidate> Candidates)
{
    /// <summary>Where a word is predicted: at the place asked for, or else at every masked place or after the last token.</summary>
    public static int[] Places(Model model, Encoding encoding, int? asked)
    {
        if (model.Head is not (HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel))
            return [];
        if (asked is { } place)
            return [place];
        if (model.Head == HeadKind.CausalLanguageModel)
            return [encoding.Ids.Length - 1];
        var mask = model.RolesIn(TokenInput.Of(encoding)).Blank;
        return [.. Enumerable.Range(0, encoding.Ids.Length).Where(i => encoding.Ids[i] == mask)];
    }

    /// <summary>Reads logits: of words, those at <see cref="Places"/>; of other heads, all.</summary>
    public static IReadOnlyList<Prediction> Read(Model model, Encoding encoding, Tensor logits, int[] places, int top) => model.Head switch
    {
        HeadKind.MaskedLanguageModel => [.. places.Select((place, row) => Words(model, place, model.TokenOf(encoding.Ids[place]), logits.At(row), top))],
        HeadKind.CausalLanguageModel => [.. places.Select((place, row) => Words(model, place, "Next token", logits.At(row), top))],
        HeadKind.QuestionAnswering => [Answers(encoding, logits, top)],
        HeadKind.Classification => [new(null, "Class", Classes(model, logits.Span, top, ""))],
        HeadKind.TokenClassification =>
        [
            .. Enumerable.Range(0, encoding.Tokens.Count).Where(i => !encoding.Tokens[i].Special).Select(i => new Prediction(i, encoding.Tokens[i].Text, Classes(model, logits.At(i), top, $"pos={i},"))),
        ],
        HeadKind.ReplacedTokenDetection => [new(null, "Replaced", Replaced(encoding, logits.Span, top))],
        _ => [],
    };

    private static Prediction Words(Model model, int place, string title, ReadOnlySpan<float> logits, int top)
    {
        var probabilities = Softmax(logits);
        var best = Enumerable.Range(0, probabilities.Length).OrderByDescending(i => probabilities[i]).Take(top);
        return new(place, title, [.. best.Select(id => new Candidate(model.TokenOf(id), probabilities[id], $"pos={place},id={id}"))]);
    }

    private static IReadOnlyList<Candidate> Classes(Model model, ReadOnlySpan<float> logits, int top, string place) =>
        [.. Softmax(logits).Select((p, i) => new Candidate(model.Config.Labels[i], p, $"{place}class={i}")).OrderByDescending(c => c.Probability).Take(top)];

    /// <summary>The tokens that look most replaced (Clark et al. 2020): a probability for each of them, not among them.</summary>
    private static IReadOnlyList<Candidate> Replaced(Encoding encoding, ReadOnlySpan<float> logits, int top)
    {
        var candidates = new List<Candidate>();
        for (var i = 0; i < logits.Length; i++)
            if (!encoding.Tokens[i].Special)
                candidates.Add(new(encoding.Tokens[i].Text, 1 / (1 + Math.Exp(-logits[i])), $"pos={i}"));
        return [.. candidates.OrderByDescending(c => c.Probability).Take(top)];
    }

    /// <summary>Spans of the passage by p(start) · p(end), both softmaxes over all tokens (Devlin et al. 2019, §4.2).</summary>
    private static Prediction Answers(Encoding encoding, Tensor logits, int top)
    {
        double[] starts = SpanSearch.Less(logits.At(0), SpanSearch.LogSum(logits.At(0))), ends = SpanSearch.Less(logits.At(1), SpanSearch.LogSum(logits.At(1)));
        var allowed = encoding.Tokens.Select(t => !t.Special && t.Segment != Segment.Question).ToArray();
        var spans = SpanSearch.Best(starts, ends, allowed, allowed, SpanSearch.LongestAnswer, top);
        return new(null, "Answer", [.. spans.Select(span => new Candidate(TextOf(encoding, span.First, span.Last), Math.Exp(span.Score), $"span={span.First}-{span.Last}"))]);
    }

    private static string TextOf(Encoding encoding, int first, int last)
    {
        var source = encoding.Tokens[first].Segment == Segment.Passage ? encoding.Pair! : encoding.Source;
        // A byte-level token brings the space before its word along.
        return source[encoding.Tokens[first].Range.Start..encoding.Tokens[last].Range.End].Trim();
    }

    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits)
            max = Math.Max(max, logit);
        var result = new double[logits.Length];
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
            sum += result[i] = Math.Exp(logits[i] - max);
        for (var i = 0; i < result.Length; i++)
            result[i] /= sum;
        return result;
    }
}
