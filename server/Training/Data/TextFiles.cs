using AttentionServer.Text;

namespace AttentionServer.Training.Data;

/// <summary>Plain text to train on: a sentence or paragraph a line, documents apart by an empty line.</summary>
public static class TextFiles
{
    /// <summary>The lines of all files that are not empty.</summary>
    public static IEnumerable<string> Lines(IEnumerable<string> files) =>
        files.SelectMany(Utf8File.Lines).Select(line => line.Trim()).Where(line => line.Length > 0);

    /// <summary>The lines of all files but for the last documents of the first, and those.</summary>
    public static (IEnumerable<string> Train, IEnumerable<string> Held) HoldOut(IReadOnlyList<string> files, int documents)
    {
        if (documents == 0)
            return (Lines(files), []);
        var first = Count(files[0]);
        if (first <= documents)
            throw new TrainingException($"--hold-out {documents}: {files[0]}: it has {first} documents (parted by empty lines): hold out fewer, or give --dev FILE");
        return (
            Documents(files[0]).Take(first - documents).SelectMany(lines => lines).Concat(Lines(files.Skip(1))),
            Documents(files[0]).Skip(first - documents).SelectMany(lines => lines));
    }

    /// <summary>The lines of all files but for a share of their documents, and those; of their lines where there are too few documents.</summary>
    public static (IEnumerable<string> Train, IEnumerable<string> Held) HoldOut(IReadOnlyList<string> files, double share)
    {
        if (share <= 0)
            return (Lines(files), []);
        var pieces = files.Sum(Count) * share >= 1 ? files.SelectMany(Documents) : Lines(files).Select(line => new List<string> { line });
        IEnumerable<string> Part(bool held) => pieces.Where((_, i) => DevShare.Holds(share, i) == held).SelectMany(lines => lines);
        return (Part(held: false), Part(held: true));
    }

    private static int Count(string file) => Documents(file).Count();

    private static IEnumerable<List<string>> Documents(string file)
    {
        var document = new List<string>();
        foreach (var line in Utf8File.Lines(file))
        {
            if (line.Trim() is { Length: > 0 } text)
            {
                document.Add(text);
            }
            else if (document.Count > 0)
            {
                yield return document;
                document = [];
            }
        }

        if (document.Count > 0)
            yield return document;
    }
}
