#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Stands for a test that cannot run in this configuration: prints the reason and
# is counted as skipped.
echo "SKIPPED: $*" >&2
exit 77
