namespace AttentionServer.Text;

/// <summary>
/// Gives the characters of a rewritten text their source ranges, in the order of the text. Each says how many
/// characters of the input it uses up; one that uses up none shares the range of the last one used.
/// </summary>
internal struct SourceOrder(AlignedText input, int start, AlignedText output)
{
    private int used;

    public void Write(int character, int taken)
    {
        var next = start + used;
        var from = taken > 0 ? next : next - 1;
        if (from < start) output.AppendCodePoint(character, input.SourceStart(start), input.SourceStart(start));
        else output.AppendCodePoint(character, input.SourceStart(from), input.SourceEnd(from));
        for (var k = 0; k < taken; k++) used += input.CodePointAt(start + used) >= 0x10000 ? 2 : 1;
    }
}
