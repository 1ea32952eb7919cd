namespace AttentionServer.Text;

/// <summary>Turns tokens back into the text that they spell.</summary>
internal abstract class Decoder
{
    /// <summary>Rewrites the tokens into pieces of text, which are joined afterwards.</summary>
    public abstract List<string> Rewrite(List<string> tokens);
}

/// <summary>Decoders one after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<Decoder> steps) : Decoder
{
    public override List<string> Rewrite(List<string> tokens) => steps.Aggregate(tokens, (current, step) => step.Rewrite(current));
}
