"""The capabilities a user asks for, each one function."""
