using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Text;

namespace AttentionServer.Methods;

/// <summary>One thing a head may say, with its probability.</summary>
public sealed record Candidate(string Text, double Probability);

/// <summary>What a head says about one place or about the whole text; best candidates first.</summary>
public sealed record Prediction(int? Token, string Title, IReadOnlyList<Candidate> Candidates)
{
    private const int LongestAnswer = 30;

    /// <summary>Where a word is predicted: at the place asked for, or else at every masked place.</summary>
    public static int[] Places(Model model, Encoding encoding, int? asked)
    {
        if (model.Head != HeadKind.MaskedLanguageModel)
            return [];
        if (asked is { } place)
            return [place];
        // A folder may come without a vocabulary when only ids are used; then nothing is known to be masked.
        var mask = encoding.Tokens.FirstOrDefault(t => t.Text == "[MASK]")?.Id;
        return [.. Enumerable.Range(0, encoding.Ids.Length).Where(i => encoding.Ids[i] == mask)];
    }

    /// <summary>Reads logits of <see cref="Places"/>, of a span head or of a classifier.</summary>
    public static IReadOnlyList<Prediction> Read(Model model, Encoding encoding, Tensor logits, int[] places, int top) => model.Head switch
    {
        HeadKind.MaskedLanguageModel => [.. places.Select((place, row) => Words(model, place, logits.At(row), top))],
        HeadKind.QuestionAnswering => [Answers(encoding, logits, top)],
        HeadKind.Classification => [new(null, "Class", [.. Softmax(logits.Span).Select((p, i) => new Candidate(model.Config.Labels[i], p)).OrderByDescending(c => c.Probability).Take(top)])],
        _ => [],
    };

    private static Prediction Words(Model model, int place, ReadOnlySpan<float> logits, int top)
    {
        var probabilities = Softmax(logits);
        var best = Enumerable.Range(0, probabilities.Length).OrderByDescending(i => probabilities[i]).Take(top);
        return new(place, "[MASK]", [.. best.Select(id => new Candidate(model.TokenOf(id), probabilities[id]))]);
    }

    /// <summary>Spans of the passage by p(start) · p(end), both softmaxes over all tokens (Devlin et al. 2019, §4.2).</summary>
    private static Prediction Answers(Encoding encoding, Tensor logits, int top)
    {
        double[] starts = Softmax(logits.At(0)), ends = Softmax(logits.At(1));
        var allowed = encoding.Tokens.Select(t => !t.Special && t.Segment != Segment.Question).ToArray();
        var spans = from start in Enumerable.Range(0, allowed.Length)
                    where allowed[start]
                    from end in Enumerable.Range(start, Math.Min(LongestAnswer, allowed.Length - start))
                    where allowed[end]
                    let probability = starts[start] * ends[end]
                    orderby probability descending
                    select new Candidate(TextOf(encoding, start, end), probability);
        return new(null, "Answer", [.. spans.Take(top)]);
    }

    private static string TextOf(Encoding encoding, int first, int last)
    {
        var source = encoding.Tokens[first].Segment == Segment.Passage ? encoding.Pair! : encoding.Source;
        return source[encoding.Tokens[first].Range.Start..encoding.Tokens[last].Range.End];
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
