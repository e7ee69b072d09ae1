"""When steps run, never what they do."""
