namespace AttentionServer.Text;

/// <summary>Rewrites text before it is split into words, keeping for each character where in the source it came from.</summary>
internal abstract class Normalizer
{
    /// <summary>Appends the normal form of one stretch of <paramref name="input"/> to <paramref name="output"/>.</summary>
    public abstract void Normalize(AlignedText input, int start, int end, AlignedText output);

    /// <summary>The normal form of a text whose source does not matter.</summary>
    public string Normalize(string text)
    {
        var output = new AlignedText(text.Length);
        var input = AlignedText.FromSource(text);
        Normalize(input, 0, input.Length, output);
        return output.Units(0, output.Length).ToString();
    }
}

/// <summary>Normalisers one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<Normalizer> steps) : Normalizer
{
    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var last = i == steps.Count - 1;
            var next = last ? output : new AlignedText(end - start);
            steps[i].Normalize(input, start, end, next);
            (input, start, end) = (next, 0, next.Length);
        }
        if (steps.Count == 0) output.Append(input, start, end);
    }
}
