"""The Debian package and what it makes of a machine: real dpkg, and a real boot. Run by deploy/test appliance."""
