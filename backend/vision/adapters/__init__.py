"""The only files that name ultralytics, openvino, onnxruntime or torch."""
