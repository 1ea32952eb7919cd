namespace AttentionServer.Text;

/// <summary>A normaliser that treats each character by itself, so that what it writes comes from that character.</summary>
internal abstract class CharacterNormalizer : Normalizer
{
    public sealed override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        for (var i = start; i < end; i++)
        {
            var c = input.CodePointAt(i);
            Append(c, input.SourceStart(i), input.SourceEnd(i), output);
            if (c >= 0x10000) i++;
        }
    }

    /// <summary>Appends what stands for the character <paramref name="c"/>, which came from the given source range.</summary>
    protected abstract void Append(int c, int start, int end, AlignedText output);
}

/// <summary>Lower case, as Unicode defines it for a character without its neighbours.</summary>
internal sealed class LowerCaseNormalizer : CharacterNormalizer
{
    protected override void Append(int c, int start, int end, AlignedText output)
    {
        output.AppendCodePoint(Characters.ToLower(c, out var second), start, end);
        if (second != 0) output.AppendCodePoint(second, start, end);
    }
}

/// <summary>Drops marks, such as the accents that a decomposition set free.</summary>
internal sealed class MarkRemover(Func<int, bool> isMark) : CharacterNormalizer
{
    protected override void Append(int c, int start, int end, AlignedText output)
    {
        if (c < 0x300 || !isMark(c)) output.AppendCodePoint(c, start, end);
    }
}
