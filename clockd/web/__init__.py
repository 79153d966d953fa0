"""The admin page and what watches from afar: a process of its own, with nothing but the control socket."""
