using AttentionServer.Server.Protocol;

namespace AttentionServer.Tests.Protocol;

public class ProtocolTests
{
    [Fact]
    public void The_typescript_side_says_what_the_records_say()
    {
        var records = typeof(AnalyzeParams).Assembly.GetTypes()
            .Where(t => t.IsPublic && t.Namespace == typeof(AnalyzeParams).Namespace && (t.IsEnum || t.GetMethod("<Clone>$") != null))
            .Append(typeof(AttentionServer.Text.Segment));
        Golden.Check("protocol/messages.ts", TypeScript.Of(records));
    }
}
