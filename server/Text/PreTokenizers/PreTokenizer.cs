namespace AttentionServer.Text;

/// <summary>Splits normalised text into the words that the model then cuts into tokens by themselves.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Splits (and where the scheme says so rewrites) the words of the list.</summary>
    public abstract void Apply(WordList words);
}

/// <summary>Pre-tokenizers one after the other.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    public override void Apply(WordList words)
    {
        foreach (var step in steps) step.Apply(words);
    }
}
