using AttentionServer.Engine;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Tests.Engine;

/// <summary>Failures as the runtime words them, provoked in it, and what is left of them for a user.</summary>
public sealed class RuntimeMessageTests
{
    [Fact]
    public void A_library_that_is_not_there_is_told_without_codes()
    {
        var missing = Path.Combine(Path.GetTempPath(), "attention-no-such-provider.so");
        var error = Assert.Throws<OnnxRuntimeException>(() => OrtEnv.Instance().RegisterExecutionProviderLibrary("none", missing));
        var text = RuntimeMessage.Of(error);
        Assert.Contains("attention-no-such-provider.so", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ErrorCode", text, StringComparison.Ordinal);
        Assert.DoesNotContain(".cc:", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
        Assert.False(RuntimeMessage.IsOutOfMemory(error));
        Assert.Null(RuntimeMessage.BytesWanted(error));
    }
}
