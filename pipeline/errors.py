"""The errors that whoever runs a command sets right, of every part of the house; `infra/errors.py` shows them."""


class ForTheUser(Exception):
    """Something that the user can set right: no defect. The message says what, which value, what is expected.

    Shown as it is, without a traceback; the command ends with 1.
    """
