"""The command ``corpus-tools``: the functions of this package for other programs and for CI."""
