using AttentionServer.Methods;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary>Candidates as bars with their probabilities.</summary>
internal static class PredictionTable
{
    public static void Print(IAnsiConsole console, Prediction prediction, int top)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders();
        table.AddColumn("").AddColumn("").AddColumn("");
        foreach (var candidate in prediction.Candidates.Take(top))
            table.AddRow(
                new Spectre.Console.Text($"{candidate.Probability,6:0.000}"),
                new Markup($"[teal]{AnalyzeCommand.Bar(candidate.Probability, 24)}[/]"),
                new Spectre.Console.Text(candidate.Text));
        console.Write(table);
    }
}
