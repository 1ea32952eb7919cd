using System.CommandLine;

namespace AttentionServer.Cli;

/// <summary>Runs a command and turns what goes wrong into one line and an exit code: 1 failed, 2 bad arguments, 130 interrupted.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult arguments)
    {
        if (arguments.Errors.Count > 0)
            return Fail(2, $"{string.Join("; ", arguments.Errors.Select(e => e.Message.TrimEnd('.')))}: command line: see 'attention --help'");

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
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return Fail(130, "interrupted: nothing unfinished was kept, except downloads and trainings, which go on where they stopped");
        }
        catch (CliException e)
        {
            return Fail(2, e.Message);
        }
        catch (UserException e)
        {
            return Fail(1, e.Message, arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(1, $"{e.Message.TrimEnd('.')}: file system: check the path and its permissions", arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
        catch (Exception e)
        {
            return Fail(1, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}: this is a defect: run again with --verbose and report it", arguments.GetValue(GlobalOptions.Verbose) ? e : null);
        }
    }

    private static int Fail(int code, string message, Exception? details = null)
    {
        Console.Error.WriteLine($"attention: {message}");
        if (details != null)
            Console.Error.WriteLine(details);
        return code;
    }
}
