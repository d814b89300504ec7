#!/bin/sh
# The README's two commands on a bare Debian 12: python3, python3-venv, make, git and
# ca-certificates, and nothing else; as root, and as an ordinary user.
#
#   tests/bare/run.sh FOLDER [root|user]...      needs root and debootstrap
#
# FOLDER keeps the bare system, so that a second run skips making it. What this machine
# needs to reach the package registries (certificates, pip's and apt's settings) is lent.
set -eu
folder=${1:?usage: tests/bare/run.sh FOLDER [root|user]...}
shift
[ $# -gt 0 ] || set -- root user
source=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
fresh=$folder/fresh
if [ ! -e "$fresh/.ready" ]; then
    debootstrap --variant=minbase \
        --include=python3,python3-venv,make,git,ca-certificates \
        bookworm "$fresh" >"$folder.log" 2>&1 || { tail -n 3 "$folder.log"; exit 1; }
    touch "$fresh/.ready"
fi

lent_back() { # the copy that has this machine's /dev and /proc
    umount -q "$1/proc" 2>/dev/null || true
    umount -q -R -l "$1/dev" 2>/dev/null || true
}

bare() { # the user, then the command, in the copy
    user=$1
    shift
    chroot "$copy" /usr/bin/env -i \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME="$(chroot "$copy" getent passwd "$user" | cut -d: -f6)" LC_ALL=C.UTF-8 \
        ${SSL_CERT_FILE:+SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt} \
        ${PIP_CERT:+PIP_CERT=/etc/ssl/certs/ca-certificates.crt} \
        ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt} \
        setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"
}

for who in "$@"; do
    copy=$folder/$who
    lent_back "$copy"
    rm -rf --one-file-system "$copy"
    cp -a "$fresh" "$copy"
    cp /etc/resolv.conf /etc/hosts "$copy/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$copy/etc/ssl/certs/"
    mount -t proc proc "$copy/proc"
    mount --rbind /dev "$copy/dev"
    name=root
    if [ "$who" = user ]; then
        chroot "$copy" useradd --create-home stranger
        name=stranger
    fi
    home=$(chroot "$copy" getent passwd "$name" | cut -d: -f6)
    git clone --quiet "$source" "$copy$home/tray"
    chroot "$copy" chown -R "$name:$name" "$home"
    for target in setup demo test; do
        began=$(date +%s)
        bare "$name" make -C "$home/tray" "$target" >"$folder/$who-$target.log" 2>&1 ||
            { echo "$who: make $target FAILED:"; tail -n 30 "$folder/$who-$target.log"; exit 1; }
        echo "$who: make $target: $(($(date +%s) - began)) s: $(tail -n 1 "$folder/$who-$target.log")"
    done
    lent_back "$copy"
done
