"""In place of a package that jsonschema does without: its import takes a third of a toy's build."""

raise ImportError
