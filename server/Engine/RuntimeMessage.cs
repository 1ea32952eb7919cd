using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>What a user can read in the messages of ONNX Runtime, which carry places in its source and error codes.</summary>
internal static partial class RuntimeMessage
{
    /// <summary>The message on one line, without what only the runtime's authors can use.</summary>
    public static string Of(OnnxRuntimeException error)
    {
        var text = Code().Replace(error.Message.ReplaceLineEndings(" "), "");
        text = Place().Replace(text, "");
        return Spaces().Replace(text, " ").Trim().TrimEnd('.');
    }

    /// <summary>True when memory was refused, on whichever device.</summary>
    public static bool IsOutOfMemory(OnnxRuntimeException error) => OutOfMemory().IsMatch(error.Message);

    /// <summary>How many bytes were asked for when memory was refused; null when the message does not say.</summary>
    public static long? BytesWanted(OnnxRuntimeException error) =>
        Bytes().Match(error.Message) is { Success: true } match && long.TryParse(match.Groups[1].Value, out var bytes) ? bytes : null;

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*|\[ONNXRuntimeError\] : \d+ : \w+ : ")]
    private static partial Regex Code();

    // "/onnxruntime_src/…/file.cc:123 void onnxruntime::…(…) " before the sentence.
    [GeneratedRegex(@"\S+\.(cc|h|cpp):\d+\s+(.*?\)\s+(const\s+)?(\[with [^\]]*\]\s*)?)?")]
    private static partial Regex Place();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"bad_alloc|bad allocation|allocate memory|out of memory|Available memory of|OUT_?OF_?MEMORY|not enough memory|ALLOC_FAILED", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMemory();

    [GeneratedRegex(@"(?:buffer of size|requested bytes of|bytes requested|size of)\D{0,12}(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Bytes();
}
