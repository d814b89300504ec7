#!/bin/sh
# Installs the Debian packages of the desktop tests where they are missing: when root on
# Debian. Elsewhere one line says what to install, and the tests skip themselves.
set -eu
list=$(dirname "$0")/packages.txt

if ! command -v dpkg-query >/dev/null; then
    echo "Desktop tests are skipped: they need Debian's $(paste -sd ' ' "$list")"
    exit 0
fi
missing=
while read -r package; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done <"$list"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "Desktop tests are skipped; to run them: sudo apt-get install$missing"
    exit 0
fi
echo "Installing for the desktop tests:$missing"
export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086  # a list of words
    apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 $missing >/dev/null
}
# The lists of a fresh image are empty or old; those of a used one mostly do.
install 2>/dev/null || { apt-get update -qq -o DPkg::Lock::Timeout=300 && install; } ||
    echo "Desktop tests are skipped: apt-get install$missing did not succeed"
