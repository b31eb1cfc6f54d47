"""Lightning callbacks: throughput, learning curve, text samples, weight averaging, diagnosis."""
