#!/bin/sh
# Makes sure that the browser tests find a Chromium. $1: the folder of the virtual environment's
# programs. Where a system browser is there, or OVERTURE_CHROMIUM names one, nothing happens.
set -eu
bin=$1
if [ -n "${OVERTURE_CHROMIUM:-}" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's Chromium for the browser tests…"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; then
        exit 0
    fi
fi
echo "Downloading Playwright's Chromium for the browser tests…"
"$bin/python" -m playwright install chromium
