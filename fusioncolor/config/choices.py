"""Names that options accept."""

DEFAULT_WEIGHTS = "photographs"  # presets; see fusioncolor.models.presets
PUBLISHED_WEIGHTS = "landscapes"
VIVIDNESS = 1.5  # at which the default weights are about as colorful as photographs are; see their card
VIDEO_CODECS = ("h264", "h265", "vp9", "av1", "prores", "ffv1")  # of video
DECODERS = ("annealed_mean", "mean", "mode", "sample")
REPRODUCTIONS = ("losses", "fusion", "ablations", "residual", "refinements", "monitor")
SCHEDULES = ("plateau", "cosine")
PLATES = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}  # shares of red, green and blue light
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
ENGINES = ("openvino", "onnx", "litert")
RUNTIMES = ("auto", "openvino", "onnx", "litert", "keras")
FROZEN = ("extractor", "encoder", "none")
MONITORS = {"val_loss": "min", "val_gain": "max", "val_auc": "max", "val_rmse": "min"}
