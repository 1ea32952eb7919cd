using System.Runtime.InteropServices;
using AttentionServer.Graphs;
using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Engine;

/// <summary>
/// Saves a composed graph as FILE.onnx with its weights beside it in FILE.onnx.data, which ONNX Runtime, Netron and other
/// tools open as it is.
/// </summary>
public static class OnnxExport
{
    // What mapping a tensor from a file asks for on all systems.
    private const int Alignment = 4096;

    /// <summary>Writes both files, each whole or not at all; returns how many bytes they take.</summary>
    public static long Write(string path, Model model, GraphSpec spec, CancellationToken cancellation)
    {
        var graph = model.Architecture.Compose(model.Checkpoint, spec);
        var data = Path.GetFileName(path) + ".data";
        var places = new Dictionary<string, WeightLocation>();
        var end = 0L;
        foreach (var weight in graph.Weights)
        {
            var bytes = weight.Shape.Size.Factor * sizeof(float);
            places[weight.Name] = new(data, end, bytes);
            end += (bytes + Alignment - 1) / Alignment * Alignment;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        WholeFile(Path.Combine(folder, data), stream =>
        {
            foreach (var weight in graph.Weights)
            {
                cancellation.ThrowIfCancellationRequested();
                stream.Position = places[weight.Name].Offset;
                stream.Write(MemoryMarshal.AsBytes(model.Weight(weight.Name, [.. weight.Shape.Select(d => d.Factor)])));
            }

            stream.SetLength(end);
        });
        var onnx = OnnxWriter.Write(graph, weight => places[weight.Name]);
        WholeFile(Path.GetFullPath(path), stream => stream.Write(onnx));
        return end + onnx.Length;
    }

    private static void WholeFile(string path, Action<FileStream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw new CheckpointException($"file: {path}: it cannot be written ({e.Message.TrimEnd('.')}): check the folder and the free space", e);
            throw;
        }
    }
}
