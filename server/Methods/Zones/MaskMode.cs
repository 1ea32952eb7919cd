namespace AttentionServer.Methods.Zones;

/// <summary>Where attention is masked.</summary>
public enum MaskMode
{
    /// <summary>Before the softmax, the paper's way: ln(1 − s) is added to scores, and rows share what is left.</summary>
    Score,

    /// <summary>After the softmax: probabilities are multiplied by 1 − s, and what is taken is lost.</summary>
    Probability,
}

/// <summary>Ways of masking by the names users give them.</summary>
public static class MaskModes
{
    /// <summary>score or probability.</summary>
    public static string Id(this MaskMode mode) => mode == MaskMode.Score ? "score" : "probability";

    /// <summary>The way of that name; null when there is none.</summary>
    public static MaskMode? FromId(string id) => id switch { "score" => MaskMode.Score, "probability" => MaskMode.Probability, _ => null };
}
