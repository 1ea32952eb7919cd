namespace AttentionServer.Cli;

/// <summary>What a newcomer sees first: three things that work without a network.</summary>
internal static class FirstHelp
{
    public static void Print() => Console.Out.WriteLine($"""
        attention shows what a transformer does with your text.

          {CommandName.Typed} analyze "The window was open, and she closed her eyes."
          {CommandName.Typed} predict "The window was open, and she closed [MASK] eyes."
          {CommandName.Typed} predict "Who designed the garden?" --model attention-mini-qa --pair "The palace was enlarged by Louis. Its garden was designed by Andre."

        All commands: {CommandName.Typed} --help. What this machine offers: {CommandName.Typed} doctor.
        """);
}
