namespace AttentionServer.Server.Export;

/// <summary>Backgrounds of cells that tell changes of an answer or a score.</summary>
internal static class HtmlTint
{
    /// <summary>From red (a loss, at −1) over white to blue (a gain, at 1), light enough for dark text on it.</summary>
    public static string Of(double share)
    {
        var rest = (int)Math.Round(255 - (125 * Math.Min(1, Math.Abs(share))));
        return share < 0 ? $"background: rgb(255,{rest},{rest})" : $"background: rgb({rest},{(255 + rest) / 2},255)";
    }
}
