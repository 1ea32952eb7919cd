using System.Globalization;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Zones;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AttentionServer.Cli;

/// <summary>A sweep in the terminal: layers × zones as the paper draws them, layers upward, and what the numbers allow to say.</summary>
internal static class SweepTable
{
    public static void Print(IAnsiConsole console, SweepReport report, IReadOnlyList<string> metrics)
    {
        if (report.Questions == 0)
        {
            console.WriteLine(string.Join(' ', report.Notes));
            return;
        }

        foreach (var model in report.Models)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{model.Model}[/] EM {model.Em:0.00} · F1 {model.F1:0.00} [grey]without a mask, {report.Questions} questions[/]");
        foreach (var strength in report.Strengths.Reverse())
            foreach (var metric in metrics)
                Map(console, report, metric, strength);
        console.WriteLine();
        console.MarkupLine("[grey]percentage points · ● falls, ▲ rises beyond chance, corrected for the number of cells[/]");
        console.WriteLine();
        Ranks(console, report);
        foreach (var contrast in report.Contrasts)
            console.MarkupLineInterpolated($"[bold]{contrast.Title}[/] {contrast.Answer}");
        foreach (var finding in report.Findings)
            console.WriteLine(finding);
        foreach (var note in report.Notes)
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    private static void Map(IAnsiConsole console, SweepReport report, string metric, double strength)
    {
        var cells = report.Cells.Where(c => c.Measure == metric && c.Strength == strength).ToDictionary(c => (c.Layer, c.Zone));
        var most = Math.Max(1e-9, cells.Values.Select(c => Math.Abs(c.Mean)).Max());
        console.WriteLine();
        var title = metric switch { SweepMeasures.ExactMatch => "ΔEM", SweepMeasures.F1 => "ΔF1", _ => "Δ probability of the marked answers" };
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{title}[/] [grey]{(report.Strengths.Length > 1 ? $"strength {strength}" : "")}[/]");
        var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn("[grey]layer[/]").RightAligned());
        foreach (var zone in report.Zones)
            table.AddColumn(new TableColumn(Markup.Escape(zone)).Centered());
        foreach (var layer in report.Layers.Reverse())
            table.AddRow([new Markup($"[grey]{layer + 1}[/]"), .. report.Zones.Select(z => (IRenderable)Cell(cells[(layer, z)], most))]);
        console.Write(table);
    }

    private static Spectre.Console.Text Cell(SweepCell cell, double most)
    {
        var mark = cell.Verdict switch { "falls" => "●", "rises" => "▲", _ => " " };
        return new($" {cell.Mean.ToString("+0.00;−0.00; 0.00", CultureInfo.InvariantCulture)} ±{((cell.High - cell.Low) / 2).ToString("0.00", CultureInfo.InvariantCulture)} {mark}", ZoneTable.Tint(cell.Mean / most));
    }

    private static void Ranks(IAnsiConsole console, SweepReport report)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("[grey]place[/]", "[grey]zone[/]", "[grey]mean ΔF1 over layers[/]", "[grey]95 %[/]", "[grey]this place with probability[/]");
        foreach (var rank in report.Ranking)
            table.AddRow($"{rank.Rank}", Markup.Escape(rank.Zone), Signed(rank.Mean), $"{Signed(rank.Low)} to {Signed(rank.High)}", rank.Probabilities[rank.Rank - 1].ToString("0.00", CultureInfo.InvariantCulture));
        console.Write(table);
    }

    private static string Signed(double number) => number.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);
}
