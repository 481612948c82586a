/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Empty: the shim generates no code from trace events. See
 * <linux/tracepoint.h>.
 */
