# shellcheck shell=bash disable=SC2034
# Sourced by install, uninstall and package: what belongs where on a terminal.

# file in this folder · where deploy/install puts it · where the Debian package has it. A person's own file of the same
# name in /etc comes before the package's.
parts=(
    systemd/clockd.service /etc/systemd/system/clockd.service /usr/lib/systemd/system/clockd.service
    systemd/clockd-web.socket /etc/systemd/system/clockd-web.socket /usr/lib/systemd/system/clockd-web.socket
    systemd/clockd-web.service /etc/systemd/system/clockd-web.service /usr/lib/systemd/system/clockd-web.service
    systemd/clockd-backup.service /etc/systemd/system/clockd-backup.service /usr/lib/systemd/system/clockd-backup.service
    systemd/clockd-backup.timer /etc/systemd/system/clockd-backup.timer /usr/lib/systemd/system/clockd-backup.timer
    systemd/clockd.sysusers /etc/sysusers.d/clockd.conf /usr/lib/sysusers.d/clockd.conf
    systemd/50-clockd.rules /etc/polkit-1/rules.d/50-clockd.rules /usr/share/polkit-1/rules.d/50-clockd.rules
    hardware/99-clockd.rules /etc/udev/rules.d/99-clockd.rules /usr/lib/udev/rules.d/99-clockd.rules
    hardware/clockd.modprobe /etc/modprobe.d/clockd.conf /usr/lib/modprobe.d/clockd.conf
    hardware/clockd.modules-load /etc/modules-load.d/clockd.conf /usr/lib/modules-load.d/clockd.conf
    deploy/completions/clockd.bash /usr/local/share/bash-completion/completions/clockd /usr/share/bash-completion/completions/clockd
    deploy/completions/_clockd /usr/local/share/zsh/site-functions/_clockd /usr/share/zsh/vendor-completions/_clockd
    deploy/completions/clockd.fish /usr/local/share/fish/vendor_completions.d/clockd.fish /usr/share/fish/vendor_completions.d/clockd.fish
)

# What only the Debian package has: it updates itself. file in this folder · where the package has it.
package_parts=(
    systemd/clockd-update.service /usr/lib/systemd/system/clockd-update.service
    systemd/clockd-update.timer /usr/lib/systemd/system/clockd-update.timer
    systemd/clockd-update.path /usr/lib/systemd/system/clockd-update.path
)

# Compiled on the way to a terminal: there is no wheel of these for every Python.
to_compile=(gcc libc6-dev python3-dev swig libpcsclite-dev)

# version_of ROOT: what pyproject.toml says.
version_of() { sed -n 's/^version = "\(.*\)"/\1/p' "$1/pyproject.toml" | head -n 1; }
