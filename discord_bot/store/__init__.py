"""What Discord cannot remember for us; never the text of a message."""
