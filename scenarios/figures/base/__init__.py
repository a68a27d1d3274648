"""What every figure shares: style, quantities, smoothing, saving."""
