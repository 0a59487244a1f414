"""What would go wrong, as pure rules: facts of the account and the machine in, findings out."""
