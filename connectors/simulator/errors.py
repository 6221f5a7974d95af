"""The base of what keeps the simulator from running or from doing what it is asked."""


class SimulatorError(Exception):
    """Something that whoever runs the simulator can set right; the message says what, value, expected."""
