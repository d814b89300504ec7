#!/bin/sh
# Builds the bundle for this system and tries it out: dist/incident-tray.
#   infra/desktop/build.sh [FOLDER]
# Needs what `make setup` makes. PyInstaller builds for the system it runs on, so run
# this on each of the three; macOS then wants the bundle signed (codesign -s - works
# locally), Windows is content.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$root/build/desktop}
uv=$root/.venv/bin/uv
mkdir -p "$out"
"$uv" venv --quiet --clear --python "$root/.venv/bin/python" "$out/venv"
"$uv" pip install --quiet --python "$out/venv/bin/python" \
    "coralogix-incident-tray[tray] @ file://$root" 'pyinstaller>=6.16,<7'
"$out/venv/bin/pyinstaller" --noconfirm --log-level WARN \
    --workpath "$out/work" --distpath "$out/dist" "$root/infra/desktop/incident-tray.spec"

# The smoke test: it starts, knows its version, draws, reads settings, and says what it
# is told to when nothing has run yet.
program=$out/dist/incident-tray/incident-tray
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export INCIDENT_TRAY_HOME="$home" XDG_DATA_HOME="$home/data"
"$program" --version
"$program" setup --non-interactive --no-test --uid smoke --table none >/dev/null
test -s "$home/settings.toml"
test -s "$home/data/icons/hicolor/64x64/apps/coralogix-incident-tray.png"
code=0
"$program" status 2>/dev/null || code=$?
test "$code" -eq 2
"$program" completion fish | grep -q watch
du -sh "$out/dist/incident-tray"
echo "It works: $program"
