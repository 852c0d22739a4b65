"""How fast the pipeline is, beside the bare library calls that it stands on."""
