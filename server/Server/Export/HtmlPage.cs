using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Export;

/// <summary>
/// One HTML file with the panel's own views and the numbers in it, which opens in any browser without a network.
/// The page itself is built from media/; here the data is put into it.
/// </summary>
public static class HtmlPage
{
    private const string DataPlace = "<!--attention:data-->";
    private const string TensorsPlace = "<!--attention:tensors-->";

    /// <summary>Writes the page of an analysis; what was computed besides lies in files of its own, by the analyses' ids.</summary>
    public static void Write(string path, PageData data, IReadOnlyDictionary<string, string> others)
    {
        var template = Installation.Find("out", "media", "page.html")
            ?? throw new ExportException($"export: {path}: the page template out/media/page.html is not installed: run 'npm run build'");
        var page = File.ReadAllText(template);
        var dataAt = page.IndexOf(DataPlace, StringComparison.Ordinal);
        var tensorsAt = page.IndexOf(TensorsPlace, StringComparison.Ordinal);
        if (dataAt < 0 || tensorsAt < dataAt)
            throw new ExportException($"export: {template}: it has no place for the data: run 'npm run build'");

        // The serializer escapes '<', so no text can end the script element early.
        var json = JsonSerializer.Serialize(data, ProtocolJson.Default.PageData);
        AtomicFile.Write(path, stream =>
        {
            void Text(ReadOnlySpan<char> text) => stream.Write(Encoding.UTF8.GetBytes(text.ToArray()));

            Text(page.AsSpan(0, dataAt));
            Text($"<script type=\"application/json\" id=\"attention-data\">{json}</script>");
            Text(page.AsSpan(dataAt + DataPlace.Length, tensorsAt - dataAt - DataPlace.Length));
            Text("<script type=\"application/octet-stream\" id=\"attention-tensors\">");
            WriteBase64(data.Analysis.Path, stream);
            Text("</script>");
            foreach (var id in data.Others ?? [])
            {
                Text($"<script type=\"application/octet-stream\" id=\"attention-tensors-{id}\">");
                WriteBase64(others[id], stream);
                Text("</script>");
            }

            Text(page.AsSpan(tensorsAt + TensorsPlace.Length));
        });
    }

    private static void WriteBase64(string file, Stream to)
    {
        // A multiple of 3, so that the pieces join without padding between them.
        var raw = new byte[3 << 16];
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(raw.Length)];
        using var from = File.OpenRead(file);
        for (int read; (read = from.ReadAtLeast(raw, raw.Length, throwOnEndOfStream: false)) > 0;)
        {
            Base64.EncodeToUtf8(raw.AsSpan(0, read), encoded, out _, out var written);
            to.Write(encoded, 0, written);
        }
    }
}
