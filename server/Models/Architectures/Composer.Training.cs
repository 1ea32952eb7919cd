using AttentionServer.Graphs;
using AttentionServer.Graphs.Gradients;

namespace AttentionServer.Models.Architectures;

public sealed partial class Composer
{
    private readonly List<(string Name, Value Rows)> _lookups = [];

    /// <summary>
    /// What the spec's training wants: the cross entropy −log p of each row's target, and the gradient of Σ weight · loss with
    /// respect to every weight. At the logits that gradient is written out, (softmax − onehot) ⊙ weight; rules lead it on.
    /// </summary>
    public void AppendLoss()
    {
        if (Spec.Training is not { } training)
            return;
        var logits = _logits ?? throw new GraphException("Training: the graph has no head whose loss it could compute");
        var count = Spec.Head == HeadKind.QuestionAnswering ? (Dim)2L * Batch : logits.Rank == 2 ? logits.Shape[0] : Batch * Length;
        var targets = Graph.Input(GraphNames.Targets, ElementType.Int64, count, 1);
        var rows = LossRows(logits, count);
        var logs = Graph.LogSoftmax(rows);
        Graph.Output(GraphNames.RowLosses, Graph.Negate(Graph.PickInRows(logs, targets)));
        if (!training.Backward)
        {
            Graph.Output(GraphNames.Guesses, Graph.LargestInRows(rows));
            return;
        }

        var weights = Graph.Input(GraphNames.TargetWeights, ElementType.Float, rows.Shape[0], 1);
        var seed = Graph.AddInRows(Graph.Multiply(Graph.Exp(logs), weights), targets, Graph.Negate(weights));
        var named = _weights.Select(w => (Name: GraphNames.WeightGradient(w.Key), w.Value))
            .Concat(_lookups.Select(l => (Name: GraphNames.RowGradient(l.Name), Value: l.Rows)))
            .ToList();
        var gradients = Gradient.Of(Graph, rows, seed, [.. named.Select(n => n.Value)]);
        foreach (var ((name, _), gradient) in named.Zip(gradients))
            Graph.Output(name, gradient);
    }

    /// <summary>A value with part of it dropped by a mask that the run brings; the same where nothing is to be dropped.</summary>
    public Value Drop(Value x, string mask) =>
        Spec.Training is { Dropout: true } ? Graph.Multiply(x, Graph.Input(mask, ElementType.Float, [.. x.Shape])) : x;

    /// <summary>
    /// Rows of a table under training. The gradient of a table is mostly zeros, so the graph returns that of the rows looked
    /// up, and whoever trains adds them into the table's.
    /// </summary>
    private Value TableRows(string name, Value indices, int entries)
    {
        _checkpoint.Require(name, entries, Config.EmbeddingSize);
        var rows = Graph.Gather(Graph.Input(GraphNames.Table(name), ElementType.Float, entries, Config.EmbeddingSize), indices);
        _lookups.Add((name, rows));
        return rows;
    }

    /// <summary>The logits as rows, each of them one choice; a span is two choices among the tokens of its text.</summary>
    private Value LossRows(Value logits, Dim count)
    {
        if (Spec.Head == HeadKind.QuestionAnswering && PaddingBias is { } bias)
            logits = Graph.Add(logits, Graph.Reshape(bias, Batch, 1, Length));
        return logits.Rank == 2 ? logits : Graph.Reshape(logits, count, logits.Shape[-1]);
    }
}
