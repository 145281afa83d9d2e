"""What a user asks for, the table of its options, and the specification that it becomes."""
