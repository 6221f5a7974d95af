"""`sluice preflight`: what the live agents would decide on messages, asked without sending any.

`basis` is what they go by (rules, health, a moment), `deciding` asks their own stages, `foreseen` is the answer,
`advice` what the rules of the field say beside it, `totals` the sum, `shown` the words for people. Nothing is written.
"""
