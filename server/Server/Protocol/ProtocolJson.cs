using System.Text.Json.Serialization;

namespace AttentionServer.Server.Protocol;

/// <summary>How the messages look as JSON; generated at compile time, so that nothing is reflected over at start.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(Text.SegmentJson)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AnalyzeParams))]
[JsonSerializable(typeof(AnalysisSummary))]
[JsonSerializable(typeof(ComputeParams))]
[JsonSerializable(typeof(MapInfo))]
[JsonSerializable(typeof(TrustParams))]
[JsonSerializable(typeof(VectorsParams))]
[JsonSerializable(typeof(FlowParams))]
[JsonSerializable(typeof(DifferenceParams))]
[JsonSerializable(typeof(StoredAnalysis))]
[JsonSerializable(typeof(CompareParams))]
[JsonSerializable(typeof(ChangeParams))]
[JsonSerializable(typeof(EditFile))]
[JsonSerializable(typeof(TrustMatrix))]
[JsonSerializable(typeof(ZonesParams))]
[JsonSerializable(typeof(ZoneReport))]
[JsonSerializable(typeof(SweepParams))]
[JsonSerializable(typeof(SweepPlan))]
[JsonSerializable(typeof(RunParams))]
[JsonSerializable(typeof(RunsParams))]
[JsonSerializable(typeof(RunExportParams))]
[JsonSerializable(typeof(RunInfo))]
[JsonSerializable(typeof(RunInfo[]))]
[JsonSerializable(typeof(SweepReport))]
[JsonSerializable(typeof(TrainParams))]
[JsonSerializable(typeof(TrainingParams))]
[JsonSerializable(typeof(TrainingReport))]
[JsonSerializable(typeof(SliceParams))]
[JsonSerializable(typeof(Slice))]
[JsonSerializable(typeof(ShowParams))]
[JsonSerializable(typeof(Importance))]
[JsonSerializable(typeof(ExportParams))]
[JsonSerializable(typeof(ModelItem[]))]
[JsonSerializable(typeof(ModelItem))]
[JsonSerializable(typeof(DownloadModelParams))]
[JsonSerializable(typeof(DeleteModelParams))]
[JsonSerializable(typeof(DeletedModel))]
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(StaleParams))]
[JsonSerializable(typeof(PageData))]
[JsonSerializable(typeof(FigureRequest))]
public sealed partial class ProtocolJson : JsonSerializerContext;
