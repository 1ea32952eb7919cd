using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

public sealed partial class Composer
{
    /// <summary>The row of the first token of each text.</summary>
    public Value FirstRows(Value rows) => Graph.Reshape(Graph.Slice(PerText(rows), 1, 0, 1), Batch, rows.Shape[1]);

    /// <summary>The row of the last real token of each text, which a run names.</summary>
    public Value LastRows(Value rows) => Graph.Gather(rows, Graph.Input(GraphNames.LastRows, ElementType.Int64, Batch));

    /// <summary>The rows a word head is computed for: all of them, or those the run picks; in training they were picked in the last block.</summary>
    public Value WordRows(Value rows) => PickedRows == null || Spec.Training != null ? rows : Graph.Gather(rows, PickedRows);

    /// <summary>
    /// Returns word logits: [B,T,vocabulary], or [R,vocabulary] when rows were picked. The matrix is usually the word
    /// embedding itself and stored once, so the first name that the checkpoint has is taken; so is the bias.
    /// </summary>
    public void OutputWords(HeadKind head, Value rows, string[] weights, string[] biases)
    {
        var weight = Weight(First(weights), Config.VocabularySize, rows.Shape[1]);
        var bias = biases.Length == 0 ? null : Weight(First(biases), Config.VocabularySize);
        var logits = Graph.Linear(rows, weight, bias);
        OutputLogits(GraphNames.Logits(head), PickedRows == null ? PerText(logits) : logits);
    }

    /// <summary>Returns span logits [B, 2 (start, end), T].</summary>
    public void OutputSpan(Value logits) => OutputLogits(GraphNames.Logits(HeadKind.QuestionAnswering), Graph.Transpose(PerText(logits), 0, 2, 1));

    /// <summary>Returns class logits [B, labels].</summary>
    public void OutputClasses(Value logits) => OutputLogits(GraphNames.Logits(HeadKind.Classification), logits);

    /// <summary>Returns class logits of each token [B,T,labels].</summary>
    public void OutputTokenClasses(Value rows, string name) =>
        OutputLogits(GraphNames.Logits(HeadKind.TokenClassification), PerText(Linear(rows, name, Config.Labels.Count)));

    /// <summary>Returns the logits that tokens were replaced [B,T].</summary>
    public void OutputReplaced(Value logits) => OutputLogits(GraphNames.Logits(HeadKind.ReplacedTokenDetection), Graph.Reshape(logits, Batch, Length));

    private void OutputLogits(string name, Value logits) => Graph.Output(name, _logits = logits);

    private string First(string[] names) => names.FirstOrDefault(_checkpoint.Has) ?? names[0];
}
