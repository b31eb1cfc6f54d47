"""Trained models for other programs: ONNX, torch.export, plain weights, and the folder that a model hub expects."""
