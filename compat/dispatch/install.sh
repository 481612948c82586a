#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# install.sh FROM TO: installs the headers that generate.py wrote. "meson install"
# runs it.
set -eu
case $2 in
/*) to=${DESTDIR-}$2 ;;
*) to=$MESON_INSTALL_DESTDIR_PREFIX/$2 ;;
esac
mkdir -p "$to"
cp -R "$1/." "$to"
