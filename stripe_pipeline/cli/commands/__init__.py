"""The commands, by what they are about. Slow imports wait until a command needs them."""
