namespace AttentionServer.Server.Protocol;

/// <summary>Parameters of <c>attention/analyze</c>.</summary>
public sealed record AnalyzeParams
{
    /// <summary>The text, or the question of a pair.</summary>
    public required TextSource Text { get; init; }

    /// <summary>The second member of a pair (the passage).</summary>
    public TextSource? Pair { get; init; }

    /// <summary>A bundled name, a folder or a Hub id; the configured default when absent.</summary>
    public string? Model { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>What the model is, in the words of the status bar and the panel.</summary>
public sealed record ModelSummary
{
    /// <summary>The name it was asked for by.</summary>
    public required string Name { get; init; }

    /// <summary>bert, gpt2, …</summary>
    public required string Architecture { get; init; }

    /// <summary>What its head predicts: mlm, qa, cls or none.</summary>
    public required string Head { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads of each block.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the hidden states.</summary>
    public required int Hidden { get; init; }
}

/// <summary>A method that pickers offer.</summary>
public sealed record MethodInfo
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>What the method picker says.</summary>
    public required string Title { get; init; }

    /// <summary>The family it is listed under.</summary>
    public required string Group { get; init; }

    /// <summary>The formula in one line.</summary>
    public required string Formula { get; init; }

    /// <summary>What its axes are, as in <see cref="MapInfo.Axes"/>.</summary>
    public required string Axes { get; init; }

    /// <summary>Whether it explains a prediction, so that a target can be chosen.</summary>
    public required bool ExplainsPrediction { get; init; }

    /// <summary>Why it cannot be computed for this model; absent when it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>Parameters of <c>attention/compute</c>: one more method on the text of an analysis.</summary>
public sealed record ComputeParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The <see cref="MethodInfo.Id"/>.</summary>
    public required string Method { get; init; }

    /// <summary>The prediction to explain, as the terminal takes it (pos=2,word=are,versus=is); what the model predicts itself when absent.</summary>
    public string? Target { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>Something an analysis can show: a tensor and how to read it.</summary>
public sealed record MapInfo
{
    /// <summary>The method id (attentions, attention_mean, rollout, …).</summary>
    public required string Id { get; init; }

    /// <summary>The tensor's name; the id where absent.</summary>
    public string? Tensor { get; init; }

    /// <summary>The analysis whose file holds the tensor; the summary's own where absent.</summary>
    public string? Analysis { get; init; }

    /// <summary>
    /// What its axes are: map [L,T,T], headMaps [L,H,T,T], tokenPairs [T,T], tokens [T], tokenVectors [T,E], layerTokens [L,T], headTokens [L,H,T], heads [L,H],
    /// headPairs [LH,LH], headPlane [LH,2], headPatterns [L,H,P] or headTree [LH−1,4].
    /// </summary>
    public required string Axes { get; init; }

    /// <summary>What the numbers of the last axis are called; absent where they have no names.</summary>
    public string[]? Parts { get; init; }

    /// <summary>Whether numbers can be negative and 0 is their middle.</summary>
    public required bool Signed { get; init; }

    /// <summary>The prediction that is explained (pos=2,id=63); absent where none is.</summary>
    public string? Target { get; init; }

    /// <summary>What the method picker says.</summary>
    public required string Title { get; init; }

    /// <summary>The heading it stands under there.</summary>
    public required string Group { get; init; }

    /// <summary>Layers it has a map for; 0 where it has no layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Heads of each layer; 0 where a layer is one map.</summary>
    public required int Heads { get; init; }

    /// <summary>The formula in one line.</summary>
    public required string Formula { get; init; }

    /// <summary>Who proposed it.</summary>
    public required string Paper { get; init; }

    /// <summary>What a bright cell means, in one sentence.</summary>
    public required string Reading { get; init; }

    /// <summary>What a bright cell does not mean, in one sentence.</summary>
    public required string Caution { get; init; }

    /// <summary>The tensor of thumbnails [layers, max(heads,1), n, n]; absent where the map itself is that small.</summary>
    public string? Overview { get; init; }
}

/// <summary>One candidate of a prediction.</summary>
/// <param name="Text">What is predicted.</param>
/// <param name="Probability">How probable it is.</param>
/// <param name="Target">What stands for it where a prediction to explain is asked for.</param>
public sealed record Candidate(string Text, double Probability, string Target);

/// <summary>What the model's head says: fill-mask candidates, classes or an answer.</summary>
public sealed record Prediction
{
    /// <summary>The token it is about, absent where it is about the whole text.</summary>
    public int? Token { get; init; }

    /// <summary>The masked token, "Next token", "Class", "Answer", "Replaced", or the token whose class it is.</summary>
    public required string Title { get; init; }

    /// <summary>Best first.</summary>
    public required Candidate[] Candidates { get; init; }
}

/// <summary>The answer to <c>attention/analyze</c>: everything but the numbers, which lie in the file.</summary>
public sealed record AnalysisSummary
{
    /// <summary>The content address; the same input, model and engine give the same id.</summary>
    public required string Id { get; init; }

    /// <summary>The safetensors file.</summary>
    public required string Path { get; init; }

    /// <summary>Its size; small files are fetched whole, large ones by slices.</summary>
    public required long Bytes { get; init; }

    /// <summary>The analysed text.</summary>
    public required string Text { get; init; }

    /// <summary>The second member of a pair.</summary>
    public string? Pair { get; init; }

    /// <summary>The document it came from.</summary>
    public string? Uri { get; init; }

    /// <summary>The model.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>Where it ran: "CPU, 2 threads".</summary>
    public required string Device { get; init; }

    /// <summary>How long the server took; 0 when it came from the cache.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>The tokens in order.</summary>
    public required TokenInfo[] Tokens { get; init; }

    /// <summary>What can be shown.</summary>
    public required MapInfo[] Maps { get; init; }

    /// <summary>What can be computed besides, in the order of pickers; empty where nobody can compute (exported pages).</summary>
    public required MethodInfo[] Methods { get; init; }

    /// <summary>The token that stands for an erased one, as the vocabulary spells it; absent where there is none.</summary>
    public string? Blank { get; init; }

    /// <summary>What the head predicts.</summary>
    public required Prediction[] Predictions { get; init; }

    /// <summary>What the reader should know, such as text that was cut off.</summary>
    public required string[] Notes { get; init; }
}

/// <summary>Parameters of <c>attention/slice</c>: one part of one tensor of an analysis.</summary>
public sealed record SliceParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The tensor name.</summary>
    public required string Tensor { get; init; }

    /// <summary>Leading indices ([layer, head]); empty for the whole tensor.</summary>
    public required int[] Index { get; init; }
}

/// <summary>A raw little-endian float32 file holding the part asked for.</summary>
public sealed record Slice
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The remaining dimensions.</summary>
    public required int[] Shape { get; init; }
}

/// <summary>Which map of an analysis is on screen; hovers and tints follow it.</summary>
public sealed record MapChoice
{
    /// <summary>The <see cref="MapInfo.Id"/>.</summary>
    public required string Map { get; init; }

    /// <summary>The <see cref="MapInfo.Analysis"/> where it has one.</summary>
    public string? Analysis { get; init; }

    /// <summary>The layer, 0 first; absent for the strongest of all layers, cell by cell.</summary>
    public int? Layer { get; init; }

    /// <summary>The head, 0 first; absent for maps without heads.</summary>
    public int? Head { get; init; }

    /// <summary>The tokens whose rows are looked at, summed; absent for the mean over all rows.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>Whether the tokens of a word are read as one.</summary>
    public bool? Words { get; init; }

    /// <summary>What becomes of special tokens: keep (where absent), drop, or renormalise: dropped, and rows scaled to sum to 1 again.</summary>
    public string? Special { get; init; }
}

/// <summary>Parameters of <c>attention/show</c>.</summary>
public sealed record ShowParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The map on screen.</summary>
    public required MapChoice Choice { get; init; }
}

/// <summary>How much is drawn on each token, under the chosen map.</summary>
public sealed record Importance
{
    /// <summary>One number per token: the chosen token's row, or the mean over all rows.</summary>
    public required double[] Values { get; init; }

    /// <summary>Rank among the non-special tokens, 1 first; 0 for special tokens.</summary>
    public required int[] Ranks { get; init; }

    /// <summary>How strongly to tint each token, from 0 (not at all) to 5.</summary>
    public required int[] Tints { get; init; }

    /// <summary>From which number on a token has each tint, the weakest first, and the largest number there is.</summary>
    public required double[] TintsFrom { get; init; }

    /// <summary>Where each token stands in its document now; null for special tokens and bare text.</summary>
    public required Range?[] Ranges { get; init; }

    /// <summary>What the numbers are, in words.</summary>
    public required string Title { get; init; }
}

/// <summary>Parameters of <c>attention/export</c>.</summary>
public sealed record ExportParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>html, json, csv or safetensors.</summary>
    public required string Format { get; init; }

    /// <summary>The file to write.</summary>
    public required string Path { get; init; }

    /// <summary>How the page should open.</summary>
    public ViewState? View { get; init; }
}

/// <summary>A kind of device that models may run on.</summary>
public sealed record DeviceItem
{
    /// <summary>"CUDA".</summary>
    public required string Title { get; init; }

    /// <summary>It can be used here.</summary>
    public required bool Found { get; init; }

    /// <summary>Why, or why not.</summary>
    public required string Reason { get; init; }
}

/// <summary>What the server runs on.</summary>
public sealed record ServerStatus
{
    /// <summary>ONNX Runtime's version.</summary>
    public required string Engine { get; init; }

    /// <summary>The device in use.</summary>
    public required string Device { get; init; }

    /// <summary>Why it is that one.</summary>
    public required string Reason { get; init; }

    /// <summary>Every kind of device, and whether it can be used here.</summary>
    public required DeviceItem[] Devices { get; init; }

    /// <summary>The model in memory; absent when none is.</summary>
    public string? Model { get; init; }
}

/// <summary>Sent when an analysed stretch of a document was edited: what is shown no longer is what is written.</summary>
public sealed record StaleParams(string Uri, string Analysis);
