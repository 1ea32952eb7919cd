using System.CommandLine;
using System.Text.RegularExpressions;

namespace AttentionServer.Cli;

/// <summary>Runs a command and turns what goes wrong into one line and an exit code: 1 failed, 2 bad arguments, 130 interrupted.</summary>
internal static partial class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult arguments)
    {
        if (arguments.Errors.Count > 0)
            return Fail(2, ParseProblem.Of(arguments));

        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupt.Cancel();
        };
        try
        {
            return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupt.Token).ConfigureAwait(false);
        }
        catch (Interruption e)
        {
            return Fail(130, e.Message);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return Fail(130, "interrupted: nothing unfinished was kept, except downloads and studies, which go on where they stopped");
        }
        catch (CliException e)
        {
            return Fail(2, e.Message);
        }
        catch (UserException e)
        {
            return Fail(e.IsBadArgument ? 2 : 1, e.Message, arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(1, $"{Unfinished().Replace(e.Message.TrimEnd('.'), "")}: file system: check the path and its permissions", arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
        catch (Exception e)
        {
            return Fail(1, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}: this is a defect: run again with --verbose and report it", arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
    }

    /// <summary>The end of a file's name while it is written, which nobody who named the file knows.</summary>
    [GeneratedRegex(@"\.[0-9a-f]{32}\.part")]
    private static partial Regex Unfinished();

    private static int Fail(int code, string message, Exception? details = null)
    {
        Console.Error.WriteLine($"attention: {message}");
        if (details != null)
            Console.Error.WriteLine(details);
        return code;
    }
}
