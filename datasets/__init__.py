"""Where drawings come from: Quick, Draw!, packed tables, procedural doodles."""
