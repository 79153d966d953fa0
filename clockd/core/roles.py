"""What an account of the admin page may do."""

from enum import StrEnum


class Role(StrEnum):
    """The closed set of roles, as accounts and commands name them."""

    ADMIN = "admin"
    """Sees and changes everything."""
    VIEWER = "viewer"
    """Sees everything and changes nothing: the works council, an inspection."""
    EMPLOYEE = "employee"
    """Sees their own hours alone."""
