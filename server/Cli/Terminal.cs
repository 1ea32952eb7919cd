using System.CommandLine;
using Spectre.Console;

namespace AttentionServer.Cli;

/// <summary>What a command prints: results on standard output, progress and errors on standard error.</summary>
internal sealed class Terminal(ParseResult arguments)
{
    private readonly IAnsiConsole _error = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Styled results.</summary>
    public IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>True when standard output carries one JSON document only.</summary>
    public bool Json { get; } = arguments.GetValue(GlobalOptions.Json);

    /// <summary>A note beside the result.</summary>
    public void Note(string text)
    {
        if (!arguments.GetValue(GlobalOptions.Quiet))
            _error.MarkupLineInterpolated($"[grey]{text}[/]");
    }

    /// <summary>Shows that something is going on while it does.</summary>
    public T While<T>(string what, Func<T> work)
    {
        if (arguments.GetValue(GlobalOptions.Quiet) || !_error.Profile.Capabilities.Interactive)
            return work();
        return _error.Status().Start(Markup.Escape(what), _ => work());
    }

    /// <summary>A line that is written over by the next one; where nobody watches, nothing.</summary>
    public void Live(string text)
    {
        if (!arguments.GetValue(GlobalOptions.Quiet) && !Console.IsErrorRedirected)
            Console.Error.Write($"\r\u001b[K{text}");
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var plain = redirected && Environment.GetEnvironmentVariable("FORCE_COLOR") is not { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        // A pipe has no width; 80 would break lines that a reader may want whole.
        if (redirected)
            console.Profile.Width = 4096;
        return console;
    }
}
