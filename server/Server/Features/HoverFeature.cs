using System.Globalization;
using System.Text;
using AttentionServer.Methods.Readings;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Server.Features;

/// <summary>Hovers over analysed tokens: importance, rank, what the token draws on and what draws on it.</summary>
public sealed class HoverFeature(LanguageServer server, AnalyzedTexts texts)
{
    private const int Listed = 5;

    /// <summary>Registers the request.</summary>
    public void Register() =>
        server.OnRequest("textDocument/hover", LspJson.Default.TextDocumentPositionParams, LspJson.Default.Hover, (given, _) => Task.FromResult(Hover(given)!));

    private Hover? Hover(TextDocumentPositionParams given)
    {
        var uri = given.TextDocument.Uri;
        if (server.Documents.Find(uri) is not { } document || texts.At(uri, document.OffsetAt(given.Position)) is not var (text, token))
            return null;
        var range = text.RangeOf(text.Analysis.Metadata.Tokens[token], server.Documents);
        return Markdown(text, token) is { } markdown ? new(new("markdown", markdown), range) : null;
    }

    private static string? Markdown(AnalyzedText text, int token)
    {
        var importance = text.Importance;
        var tokens = text.Analysis.Metadata.Tokens;
        if (importance.Groups.Of(token) is not { } group)
            return null;
        var about = text.Choice.Tokens is { Length: > 0 } rows ? $" for {string.Join(" + ", rows.Select(row => Code(tokens[row].Text)))}" : "";
        string List(IReadOnlyList<TokenScore> scores) => string.Join(" · ", scores.Select(s => $"{Code(s.Group.Text)} {Number(s.Score)}"));
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"**{Code(importance.Groups.Groups[group].Text)}** — importance {Number(importance.Values[group])}, rank {importance.Ranks[group]} of {importance.Ranked}{about}")
            .AppendLine()
            .AppendLine(ImportanceStrip.Markdown(importance, group))
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"draws on: {List(importance.DrawsOn(group, Listed))}")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"drawn on by: {List(importance.DrawnOnBy(group, Listed))}")
            .AppendLine()
            .Append(CultureInfo.InvariantCulture, $"_{AnalysisFeature.Describe(text)} · {text.Analysis.Metadata.Model}_")
            .ToString();
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>A token as inline code, whatever backquotes it may hold.</summary>
    private static string Code(string token)
    {
        var fence = "`";
        while (token.Contains(fence, StringComparison.Ordinal))
            fence += "`";
        return token.Contains('`', StringComparison.Ordinal) ? $"{fence} {token} {fence}" : $"{fence}{token}{fence}";
    }
}
