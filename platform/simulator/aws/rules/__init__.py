"""The longer rules of AWS: what it looks at, across services, before it lets a resource come or go."""
