"""Rules as a file: read, check, publish to sms.control. Nothing here runs a process."""
