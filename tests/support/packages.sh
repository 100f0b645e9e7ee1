# packages.sh - Debian packages: says which are needed, installs those that are missing.
# Sourced by experiments/quickstart and tests/run; POSIX sh.

packages_to_build="gcc libc6-dev meson ninja-build pkg-config libconfig-dev libarchive-dev
zlib1g-dev libjansson-dev libxxhash-dev libcsv-dev libopenblas-dev libgsl-dev libsqlite3-dev libdw-dev"

packages_to_test="check clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 abigail-tools bats
g++ gdb man-db zsh fish python3 python3-sklearn python3-scipy sqlite3 bubblewrap chromium
python3-websocket fonts-dejavu-core"

packages_for_long="texlive-latex-base texlive-latex-recommended texlive-latex-extra
texlive-fonts-recommended default-jre-headless npm"

# Those of the arguments that are not installed.
packages_missing() {
    for name in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$name" 2>/dev/null) in
        *' installed') ;;
        *) printf '%s ' "$name" ;;
        esac
    done
}

# Installs what is missing of the arguments; in words, what to do, where it can't.
packages_install() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system. Install what Debian calls"
        echo "  $*"
        echo "and run this again with --no-install."
        return 1
    fi
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    echo "packages to install: $missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null; then
            echo "Neither root nor sudo here. Let someone who may run"
            echo "  apt-get install --no-install-recommends $missing"
            return 1
        fi
    fi
    packages_log=$(mktemp)
    # shellcheck disable=SC2086 # a list of names
    if $as_root apt-get update >"$packages_log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
            --no-install-recommends $missing >>"$packages_log" 2>&1; then
        rm -f "$packages_log"
    else
        tail -n 20 "$packages_log"
        echo "apt-get failed; all it said is in $packages_log"
        return 1
    fi
}
