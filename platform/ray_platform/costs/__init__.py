"""What a stack costs: unit prices, the estimate made of them, and the limit of its budget."""
