using System.CommandLine;
using AttentionServer.Cli;
using AttentionServer.Cli.Commands;

var root = new RootCommand("See what a transformer does with your text.")
{
    AnalyzeCommand.Create(),
    CompareCommand.Create(),
    TrustCommand.Create(),
    FlowCommand.Create(),
    PredictCommand.Create(),
    ZonesCommand.Create(),
    TokenizeCommand.Create(),
    ModelsCommand.Create(),
    SweepCommand.Create(),
    RunsCommand.Create(),
    TrainCommand.Create(),
    BenchCommand.Create(),
    DoctorCommand.Create(),
    ServeCommand.Create(),
};
foreach (var option in GlobalOptions.All)
    root.Options.Add(option);

if (args.Length == 0)
{
    FirstHelp.Print();
    return 0;
}

return await CommandRunner.RunAsync(root.Parse(args)).ConfigureAwait(false);
