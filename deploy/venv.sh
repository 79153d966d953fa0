# shellcheck shell=bash
# Sourced by demo, test and install: a virtual environment from lock.txt, made once and kept while nothing changed.
#
# lock.txt has three sections, each adding to the ones above it: demo < terminal < test. A stamp inside the
# environment says which of them are in it, for which lock, Python and place; it is written last, so that an
# interrupted run is simply repeated.

say() { printf '%s\n' "$*" >&2; }

die() {
    local line
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 2
}

# The newest thing first that the person chose ($PYTHON), then what the system calls python3.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "no Python 3.11 or newer was found" "install python3 (Debian 12 or newer has it), or set PYTHON=/path/to/python3"
}

# lock_until LOCK SECTION: the lock's text from its start to the end of a section.
lock_until() {
    awk -v stop="$2" '/^# --- / { if (seen) exit; seen = ($3 == stop) } { print }' "$1"
}

# fetch_pip PYTHON FOLDER: a pip wheel where ensurepip is missing (Debian keeps it in python3-venv). No root is
# needed: apt-get downloads the package that python3-venv would use, checked by its signatures, and unpacks it here.
fetch_pip() {
    local folder=$2 wheel
    for wheel in /usr/share/python-wheels/pip-*.whl; do
        if [ -f "$wheel" ]; then
            printf '%s\n' "$wheel"
            return
        fi
    done
    command -v apt-get dpkg-deb >/dev/null || return 1
    say "python3-venv is not installed; getting pip from Debian into a temporary folder"
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    (
        cd "$folder"
        apt-get download -qq python3-pip-whl >/dev/null 2>&1 && exit
        own=(-o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=)
        apt-get "${own[@]}" update -qq >/dev/null 2>&1 || exit
        apt-get "${own[@]}" download -qq python3-pip-whl >/dev/null 2>&1
    ) || return 1
    dpkg-deb -x "$folder"/python3-pip-whl_*.deb "$folder/unpacked" || return 1
    for wheel in "$folder"/unpacked/usr/share/python-wheels/pip-*.whl; do printf '%s\n' "$wheel"; done
}

# empty_venv PYTHON VENV: an environment that holds pip and nothing else.
empty_venv() {
    local python=$1 venv=$2 folder wheel
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv --clear "$venv" && return
    fi
    folder=$(mktemp -d)
    if "$python" -m venv --clear --without-pip "$venv" 2>/dev/null && wheel=$(fetch_pip "$python" "$folder") &&
        "$venv/bin/python" "$wheel/pip" --disable-pip-version-check --quiet install --no-index --no-deps "$wheel"; then
        rm -rf "$folder"
        return
    fi
    rm -rf "$folder"
    die "$python cannot make a virtual environment" "install it once:  sudo apt-get install python3-venv" "then run this again"
}

# pip_install VENV LOG ARGUMENT…: pip, one line for each package it fetches; its whole output only when it fails.
pip_install() {
    local venv=$1 log=$2
    shift 2
    # PYPI=1 makes lgpio build its C library in, where no built package of it exists.
    if ! PYPI=1 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore PYTHONUNBUFFERED=1 "$venv/bin/python" -m pip \
        --disable-pip-version-check --no-input install --no-build-isolation --no-warn-script-location --no-deps "$@" 2>&1 |
        tee "$log" | awk '/^Collecting / { sub(/==/, " ", $2); printf "  %s", $2; if ($3 !~ /^\(/ && $3 != "") printf " %s", $3; print ""; fflush() }' >&2; then
        tail -n 25 "$log" >&2
        die "the packages could not be installed; all of pip's output is in $log" \
            "no network: run this again when it is back, what was fetched is kept" \
            "a compiler is missing: sudo apt-get install gcc libc6-dev python3-dev swig libpcsclite-dev"
    fi
}

# without LOCK-TEXT NAME…: the lock's text, but for some packages.
without() {
    local text=$1
    shift
    awk -v names=" $* " '/^[a-z0-9]/ { name = $1; sub(/==.*/, "", name); skip = index(names, " " name " ") } !skip { print }' "$text"
}

# make_venv PYTHON VENV LOCK SECTION LOG [NAME…]: the environment with everything the lock has for a section, but for
# the packages named.
make_venv() {
    local python=$1 venv=$2 lock=$3 section=$4 log=$5 part whole
    shift 5
    part=$(mktemp)
    if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
        say "Making $venv with $("$python" -V)"
        empty_venv "$python" "$venv"
    fi
    # The first section holds setuptools, which the others may need to build from source; hence two steps.
    lock_until "$lock" demo >"$part"
    pip_install "$venv" "$log" --require-hashes -r "$part"
    if [ "$section" != demo ]; then
        whole=$(mktemp)
        lock_until "$lock" "$section" >"$whole"
        without "$whole" "$@" >"$part"
        pip_install "$venv" "$log" --require-hashes -r "$part"
        rm -f "$whole"
    fi
    rm -f "$part"
}

# stamp_of ROOT SECTION: what must be true for an environment to be used as it is.
stamp_of() {
    local root=$1 section=$2
    printf '%s %s\n' "$section" "$(
        {
            lock_until "$root/deploy/lock.txt" "$section"
            cat "$root/pyproject.toml"
            printf '%s\n' "$root"
            "$root/.venv/bin/python" -c 'import sys; print(sys.version_info[:2])'
        } 2>/dev/null | sha256sum | cut -d' ' -f1
    )"
}

# ready ROOT SECTION: ROOT/.venv holds a section of the lock and clockd itself, editable.
ready() {
    local root=$1 section=$2 started=$SECONDS stamp=$1/.venv/.stamp known python
    grep -qxF "$(stamp_of "$root" "$section")" "$stamp" 2>/dev/null && "$root/.venv/bin/python" -c '' 2>/dev/null && return
    python=$(find_python)
    mkdir -p "$root/.deploy"
    exec 9>"$root/.deploy/venv.lock"
    flock 9
    trap 'say "Interrupted; run this again to go on"; exit 130' INT
    # A moved folder or another Python: such an environment cannot be mended.
    if [ -f "$stamp" ] && ! grep -qxF "at $root $("$root/.venv/bin/python" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)" "$stamp"; then
        rm -rf "$root/.venv"
    fi
    say "Fetching what clockd needs into $root/.venv (once)"
    make_venv "$python" "$root/.venv" "$root/deploy/lock.txt" "$section" "$root/.deploy/pip.log"
    pip_install "$root/.venv" "$root/.deploy/pip.log" -e "$root"
    {
        printf 'at %s %s\n' "$root" "$("$root/.venv/bin/python" -c 'import sys; print(sys.version_info[:2])')"
        for known in demo terminal test; do
            stamp_of "$root" "$known"
            if [ "$known" = "$section" ]; then break; fi
        done
    } >"$stamp"
    exec 9>&-
    trap - INT
    say "Ready after $((SECONDS - started)) s"
}
