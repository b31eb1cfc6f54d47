"""Language models as ONNX graphs, and their quantisation."""
