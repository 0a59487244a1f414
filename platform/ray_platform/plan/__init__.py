"""What an update will do: its resources, how long they take to come, and the picture of who waits for whom."""
