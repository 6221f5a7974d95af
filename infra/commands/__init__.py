"""The commands of `sluice`, one file a group; nothing heavy is imported before a command is called."""
