namespace AttentionServer.Cli;

/// <summary>What a newcomer sees first: three things that work without a network.</summary>
internal static class FirstHelp
{
    public static void Print() => Console.Out.WriteLine("""
        attention shows what a transformer does with your text.

          attention analyze "The keys to the cabinet are on the table."
          attention predict "The keys to the cabinet [MASK] on the table."
          attention predict "Who designed the garden?" --model attention-mini-qa --pair "The palace was enlarged by Louis. Its garden was designed by Andre."

        All commands: attention --help. What this machine offers: attention doctor.
        """);
}
