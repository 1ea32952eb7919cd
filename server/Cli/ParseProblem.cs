using System.CommandLine;

namespace AttentionServer.Cli;

/// <summary>What is wrong with a command line, in a sentence that tells the way out.</summary>
internal static class ParseProblem
{
    private static readonly Dictionary<string, string> Types = new()
    {
        ["System.Int32"] = "a whole number",
        ["System.Int64"] = "a whole number",
        ["System.Single"] = "a number",
        ["System.Double"] = "a number",
        ["System.Boolean"] = "true or false",
    };

    public static string Of(ParseResult arguments)
    {
        var command = arguments.CommandResult.Command;
        var help = $"see '{CommandName.Typed}{string.Concat(Path(command))} --help'";
        var unknown = arguments.UnmatchedTokens is [var first, ..] ? first : null;
        if (command.Subcommands.Count > 0)
        {
            var names = command.Subcommands.Select(c => c.Name).ToList();
            return unknown == null
                ? $"{command.Name}: command line: say what to do: {string.Join(", ", names)}; {help}"
                : $"'{unknown}': command line: there is no such command: {Meant(unknown, names) ?? $"use {string.Join(", ", names)}"}; {help}";
        }

        if (unknown is ['-', _, ..])
            return $"{unknown}: command line: '{command.Name}' has no such option: {string.Join("; ", new[] { Meant(unknown, command.Options.Concat(GlobalOptions.All).Select(o => o.Name)), help }.OfType<string>())}";
        if (unknown != null)
            return $"'{unknown}': command line: there is one word too many: put quotes around a text of several words; {help}";
        return $"{string.Join("; ", arguments.Errors.Select(e => Plain(e.Message)))}: command line: {help}";
    }

    private static string? Meant(string given, IEnumerable<string> names) => NearNames.Of(given, names, 2) is { Count: > 0 } near ? $"did you mean {string.Join(" or ", near)}" : null;

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().SelectMany(Path), $" {command.Name}"];

    /// <summary>The parser's words without the names of .NET's types.</summary>
    private static string Plain(string message) =>
        Types.Aggregate(message.TrimEnd('.'), (text, type) => text.Replace($"as expected type '{type.Key}'", $"as {type.Value}", StringComparison.Ordinal));
}
