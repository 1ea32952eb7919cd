using System.Globalization;
using System.Text;
using AttentionServer.Methods.Readings;

namespace AttentionServer.Server.Features;

/// <summary>A small picture for hovers: a bar for each token around the one pointed at, as high as it is important.</summary>
public static class ImportanceStrip
{
    private const int MostBars = 48;
    private const int BarWidth = 6;
    private const int Height = 32;

    // Seen on light backgrounds and dark ones: a picture in a hover does not know which it lies on.
    private const string Quiet = "#1fa89a";
    private const string Pointed = "#e8862e";

    /// <summary>The picture as Markdown, with words for readers who do not see it.</summary>
    public static string Markdown(Importance importance, int group)
    {
        var count = Math.Min(MostBars, importance.Values.Length);
        var first = Math.Clamp(group - (count / 2), 0, importance.Values.Length - count);
        var shown = Enumerable.Range(first, count).ToList();
        // Special tokens take up much and say little: they do not set the scale.
        var most = shown.Where(i => importance.Ranks[i] > 0).Select(i => importance.Values[i]).DefaultIfEmpty(0).Max();
        if (most <= 0)
            return "";
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{count * BarWidth}\" height=\"{Height}\">");
        foreach (var i in shown)
        {
            var height = Math.Max(1, Math.Min(1, importance.Values[i] / most) * Height);
            var opacity = importance.Ranks[i] > 0 ? 1 : 0.35;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{(i - first) * BarWidth}\" y=\"{Height - height:0.#}\" width=\"{BarWidth - 1}\" height=\"{height:0.#}\" fill=\"{(i == group ? Pointed : Quiet)}\" fill-opacity=\"{opacity}\"/>");
        }

        svg.Append("</svg>");
        return $"![Importance of {count} tokens around it](data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(svg.ToString()))})";
    }
}
