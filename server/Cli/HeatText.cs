using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AttentionServer.Cli;

/// <summary>A text whose tokens are tinted by importance, the source spelled as it was written.</summary>
internal static class HeatText
{
    // From no tint to a full one, as 256-colour terminals can show it; the darker text colour keeps the strongest readable.
    private static readonly Color[] Ramp = [Color.Default, new(0, 55, 68), new(0, 75, 88), new(0, 100, 110), new(0, 128, 132), new(20, 160, 150), new(80, 190, 160)];

    public static IRenderable Of(AnalysisMetadata analysis, Importance importance)
    {
        var values = importance.Groups.Spread(importance.Values);
        var strongest = values.Where((_, i) => !analysis.Tokens[i].Special).DefaultIfEmpty(0).Max();
        var paragraph = new Paragraph();
        Member(analysis.Text, t => t.Segment != Text.Segment.Passage);
        if (analysis.Pair is { } pair)
        {
            paragraph.Append("\n");
            Member(pair, t => t.Segment == Text.Segment.Passage);
        }

        return paragraph;

        void Member(string source, Func<Text.Token, bool> belongs)
        {
            var at = 0;
            for (var i = 0; i < analysis.Tokens.Count; i++)
            {
                var token = analysis.Tokens[i];
                if (token.Special || !belongs(token) || token.Range.Start < at)
                    continue;
                paragraph.Append(source[at..token.Range.Start]);
                paragraph.Append(source[token.Range.Start..token.Range.End], Tint(strongest > 0 ? values[i] / strongest : 0));
                at = token.Range.End;
            }

            paragraph.Append(source[at..]);
        }
    }

    private static Style Tint(double share)
    {
        var step = (int)Math.Round(share * (Ramp.Length - 1));
        return step == 0 ? Style.Plain : new Style(step >= 5 ? Color.Black : Color.White, Ramp[step]);
    }
}
