using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Methods.Analyses;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Export;

/// <summary>A picture as a file, drawn by the panel's own views: they run in Node.js where there is no panel.</summary>
public static class Figure
{
    private const int Width = 720;
    private const int Height = 640;
    private const double Density = 2;

    /// <summary>The kinds of picture.</summary>
    public static IReadOnlyList<string> Pictures { get; } = ["map", "lines", "model"];

    /// <summary>Draws a result of an analysis.</summary>
    public static void Write(string format, string path, Analysis analysis, string picture, MapChoice choice, CancellationToken cancellation)
    {
        var script = Installation.Find("out", "media", "figure.mjs")
            ?? throw new ExportException($"export: {path}: the views out/media/figure.mjs are not installed: run 'npm run build'");
        var request = new FigureRequest
        {
            Analysis = Summaries.Of(analysis),
            Picture = picture,
            Choice = choice,
            Format = format,
            Output = Path.GetFullPath(path),
            Width = Width,
            Height = Height,
            Density = Density,
        };
        var asked = Path.GetTempFileName();
        try
        {
            File.WriteAllText(asked, JsonSerializer.Serialize(request, ProtocolJson.Default.FigureRequest));
            Run(path, script, asked, cancellation);
        }
        finally
        {
            File.Delete(asked);
        }
    }

    private static void Run(string path, string script, string asked, CancellationToken cancellation)
    {
        // An editor that starts the command has a Node.js of its own.
        var node = Environment.GetEnvironmentVariable("ATTENTION_NODE") is { Length: > 0 } named ? named : "node";
        using var process = new Process { StartInfo = new(node, [script, asked]) { RedirectStandardError = true, RedirectStandardOutput = true } };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new ExportException($"export: {path}: pictures are drawn by Node.js 20 or later and '{node}' was not found: install it, name it in ATTENTION_NODE, or write .html instead");
        }

        using var stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new ExportException($"export: {path}: the picture was not drawn: {errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("Node.js ended early")}");
    }
}
