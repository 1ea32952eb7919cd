using AttentionServer.Engine;

namespace AttentionServer.Methods.Norms;

/// <summary>What methods by the length of mixed vectors have in common.</summary>
public abstract class NormMethod : Method
{
    /// <summary>Why stages behind a sum's LayerNorm have no meaning when the norm acts before the sum.</summary>
    protected const string NormFirst = "its LayerNorm acts before the residual sum, so no mixed vector passes through one";

    /// <inheritdoc/>
    public override string Group => "Norms";

    /// <inheritdoc/>
    public override string? NotDefinedFor(Model model) => Stage >= Stage.Normalised && model.Block(0).Layout.NormFirst ? NormFirst : null;

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens)
    {
        double t = tokens, d = model.Config.Hidden, h = model.Config.Heads;
        return new(model.Config.Layers * ((2 * t * d * d) + (t * h * h * d) + (t * t * h * h)), TransformedVectors.Bytes(model, tokens));
    }

    /// <inheritdoc/>
    public override TraceRequest Needs => new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true, BlockSums = Stage >= Stage.Normalised || Mixes };

    internal abstract Stage Stage { get; }

    internal virtual bool Mixes => false;
}
