"""What accompanies training: speed, learning curve, samples, averages of the weights, diagnosis."""
