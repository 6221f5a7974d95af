"""Text on the wire: alphabets, how many parts, where to cut, why. Sources: 3GPP TS 23.038, 23.040; DOMAIN 1."""
