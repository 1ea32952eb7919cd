using AttentionServer.Engine;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Features;

/// <summary>What the server runs on.</summary>
public sealed class StatusFeature(LanguageServer server, ModelHost models)
{
    /// <summary>Registers the requests.</summary>
    public void Register()
    {
        var json = ProtocolJson.Default;
        server.OnRequest("attention/status", LspJson.Default.Nothing, json.ServerStatus, (_, cancellation) => Task.Run(Status, cancellation));
    }

    private ServerStatus Status()
    {
        var (device, reason) = Device();
        return new()
        {
            Engine = $"ONNX Runtime {DeviceChoice.EngineVersion}",
            Device = device,
            Reason = reason,
            Devices = [.. DeviceChoice.Findings(models.Settings).Select(f => new DeviceItem { Title = f.Title, Found = f.Found, Reason = f.Reason })],
            Model = models.Loaded ?? models.DefaultModel,
        };
    }

    private (string Name, string Reason) Device()
    {
        try
        {
            return (models.Device.Name, models.Device.Reason);
        }
        catch (EngineException e)
        {
            // The setting names a device that cannot be had: what there is instead can still be told.
            return ("no device", e.Message);
        }
    }
}
