/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* drm_mode.h includes it. No scenario uses what it defines. */
