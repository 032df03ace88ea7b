"""What the pages say is what the code does: commands, outputs, snippets, names and addresses."""
