using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Methods.Analyses;

namespace AttentionServer.Cli;

/// <summary>Options every command takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document on standard output and nothing else", Recursive = true };
    public static readonly Option<bool> Quiet = new("--quiet") { Description = "No progress on standard error", Recursive = true };
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show the stack trace of an error", Recursive = true };
    public static readonly Option<string> Device = new("--device") { Description = "auto, cpu, cuda[:n], directml, coreml or webgpu; 'attention doctor' tells which there are", DefaultValueFactory = _ => "auto", Recursive = true };
    public static readonly Option<int> Threads = new("--threads") { Description = "Threads of one model run; 0 for one per core", Recursive = true };
    public static readonly Option<string?> Cache = new("--cache") { Description = "Folder for analyses", Recursive = true };

    public static IEnumerable<Option> All => [Json, Quiet, Verbose, Device, Threads, Cache];

    public static ExecutionSettings Settings(ParseResult arguments)
    {
        var threads = arguments.GetValue(Threads);
        if (threads is < 0 or > 1024)
            throw new CliException($"--threads {threads}: command line: give a number from 0 to 1024");
        return new() { Device = arguments.GetValue(Device)!, Threads = threads };
    }

    public static AnalysisStore Store(ParseResult arguments, long maximumBytes = 1L << 30) =>
        new(arguments.GetValue(Cache) ?? AnalysisStore.DefaultFolder, maximumBytes);
}
