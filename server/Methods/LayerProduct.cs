using AttentionServer.Engine;

namespace AttentionServer.Methods;

/// <summary>
/// A method's layers multiplied up: R_l = M_l R_{l−1}, so that each row tells what is left of the input's tokens. No identity is
/// added: the maps it is made of have the residual path in them.
/// </summary>
public sealed class LayerProduct(string id, string title, string group, string paper, string of, bool normalise) : Method
{
    /// <inheritdoc/>
    public override string Id => id;

    /// <inheritdoc/>
    public override string Title => title;

    /// <inheritdoc/>
    public override string Group => group;

    /// <inheritdoc/>
    public override string Formula => $"Rₗ = Mₗ Rₗ₋₁, Mₗ = {of}{(normalise ? ", rows summing to 1" : "")}";

    /// <inheritdoc/>
    public override string Paper => paper;

    /// <inheritdoc/>
    public override string Reading => $"A bright cell: after this layer much of the row's token traces back to the column's input token, layer by layer, by {MethodRegistry.Find(of).Title}.";

    /// <inheritdoc/>
    public override string Caution => "Multiplying layers assumes that what is mixed stays what it was: nonlinear parts between layers are left out, and small errors of each layer multiply too.";

    /// <inheritdoc/>
    public override bool ThroughLayers => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => [of];

    /// <inheritdoc/>
    public override string? NotDefinedFor(Model model) => MethodRegistry.Find(of).NotDefinedFor(model);

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens) => new(2.0 * model.Config.Layers * tokens * tokens * tokens, 2L * sizeof(float) * model.Config.Layers * tokens * tokens);

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var layers = run.Of(of).ToMap();
        var (tokens, product) = (layers.Tokens, new ContextMap(layers.Layers, layers.Tokens));
        for (var layer = 0; layer < layers.Layers; layer++)
        {
            if (normalise)
                Matrices.NormaliseRows(layers.Layer(layer), tokens);
            if (layer == 0)
                layers.Layer(0).CopyTo(product.Layer(0));
            else
                Matrices.Multiply(layers.Scores.AsMemory(layer * tokens * tokens, tokens * tokens), product, layer, cancellation);
        }

        return product;
    }
}
