#!/usr/bin/env bash
# Installs Debian's Chromium for the browser tests; needs root or sudo.
set -eu
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium fonts-liberation >/dev/null
