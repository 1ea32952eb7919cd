using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AttentionServer.Engine;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Tests.RunHost;

/// <summary>A study whose numbers follow from the names of its cells, and whose work is waiting.</summary>
public sealed class RehearsalStudy : IStudy
{
    private static readonly string[] Zones = ["Q2", "Q2P", "P2Q", "P2", "ALL"];

    public string Name => "rehearsal";

    public IReadOnlyList<string> Dimensions => ["layer", "zone"];

    public IReadOnlyList<string> Measures => ["em", "f1"];

    public static RunManifest Manifest(int layers, int examples = 5, int milliseconds = 0, string model = "1") => new()
    {
        Study = "rehearsal",
        Title = $"Rehearsal of {layers} layers",
        Fingerprints = { ["model m"] = model, ["engine"] = "1" },
        Settings = new JsonObject { ["layers"] = layers, ["examples"] = examples, ["milliseconds"] = milliseconds },
    };

    public IReadOnlyList<PlannedCell> Plan(RunManifest manifest) =>
    [
        .. from layer in Enumerable.Range(0, (int)manifest.Settings["layers"]!)
           from zone in Zones
           select new PlannedCell(CellKey.Of(manifest, ["model m", "engine"], [new("layer", $"{layer}"), new("zone", zone)]), Cost: 12 - (layer % 12)) { Group = $"layer {layer}" },
    ];

    public IReadOnlyDictionary<string, string> Fingerprints(RunManifest manifest, CancellationToken cancellation) => new Dictionary<string, string>
    {
        ["model m"] = Environment.GetEnvironmentVariable("REHEARSAL_MODEL") ?? "1",
        ["engine"] = "1",
    };

    public IStudySession Open(RunManifest manifest, ExecutionSettings settings, CancellationToken cancellation) => new Session((int)manifest.Settings["examples"]!, (int)manifest.Settings["milliseconds"]!);

    private sealed class Session(int examples, int milliseconds) : IStudySession
    {
        public IEnumerable<FinishedCell> Execute(IReadOnlyList<PlannedCell> cells, CancellationToken cancellation)
        {
            foreach (var cell in cells)
            {
                if (cancellation.WaitHandle.WaitOne(milliseconds))
                    cancellation.ThrowIfCancellationRequested();
                yield return new(cell.Key, Data(cell.Key));
            }
        }

        private CellData Data(CellKey key)
        {
            var random = new Random(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name))));
            var f1 = Enumerable.Range(0, examples).Select(_ => random.NextDouble()).ToArray();
            return new([new("em", [.. f1.Select(x => x > 0.5 ? 1.0 : 0)]), new("f1", f1)], [new("answer", [.. f1.Select(x => $"naïve \"{x:R}\"")])]);
        }

        public void Dispose()
        {
        }
    }
}
