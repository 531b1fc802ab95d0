"""Names that options accept."""

DEFAULT_WEIGHTS = "weights/fusion.landscapes"
VIVID_WEIGHTS = "weights/fusion-vivid.landscapes"
DECODERS = ("annealed_mean", "mean", "mode", "sample")
REPRODUCTIONS = ("losses", "fusion", "ablations", "residual", "refinements", "monitor")
SCHEDULES = ("plateau", "cosine")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
ENGINES = ("onnx", "openvino", "litert")
FROZEN = ("extractor", "encoder", "none")
MONITORS = {"val_loss": "min", "val_auc": "max", "val_rmse": "min"}
