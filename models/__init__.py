"""One network a file, the training loop, checkpoints and bundled weights."""
