using AttentionServer.Models.Architectures;

namespace AttentionServer.Engine;

/// <summary>
/// The weights of one block, for methods that recompute parts of it. Spans lie in the checkpoint and are valid as long
/// as the model is.
/// </summary>
public sealed class BlockWeights
{
    private readonly Model _model;
    private readonly int _hidden;

    internal BlockWeights(Model model, int layer)
    {
        (_model, _hidden) = (model, model.Config.Hidden);
        Layout = model.Architecture.Block(model.Config, layer);
    }

    /// <summary>Names and order.</summary>
    public BlockLayout Layout { get; }

    /// <summary>The bias of the projection after attention, b_O [D].</summary>
    public ReadOnlySpan<float> OutputBias => _model.Weight($"{Layout.Output}.bias", _hidden);

    /// <summary>The scale γ₁ of the attention half's normalisation [D].</summary>
    public ReadOnlySpan<float> AttentionScale => _model.Weight($"{Layout.AttentionNorm}.weight", _hidden);

    /// <summary>The shift β₁ of the attention half's normalisation [D].</summary>
    public ReadOnlySpan<float> AttentionShift => _model.Weight($"{Layout.AttentionNorm}.bias", _hidden);

    /// <summary>The scale γ₂ of the feed-forward half's normalisation [D].</summary>
    public ReadOnlySpan<float> OutputScale => _model.Weight($"{Layout.OutputNorm}.weight", _hidden);

    /// <summary>The shift β₂ of the feed-forward half's normalisation [D].</summary>
    public ReadOnlySpan<float> OutputShift => _model.Weight($"{Layout.OutputNorm}.bias", _hidden);

    /// <summary>The projection after attention W_O as [H·dh, D]: the rows of a head take its mixed values to hidden states. Copied.</summary>
    public float[] Output()
    {
        var inner = _model.Config.Heads * _model.Config.HeadSize;
        var name = $"{Layout.Output}.weight";
        if (Layout.InputsFirst)
            return _model.Weight(name, inner, _hidden).ToArray();
        var stored = _model.Weight(name, _hidden, inner);
        var turned = new float[stored.Length];
        for (var d = 0; d < _hidden; d++)
            for (var i = 0; i < inner; i++)
                turned[(i * _hidden) + d] = stored[(d * inner) + i];
        return turned;
    }
}
