/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Nothing is generated from the fields of trace events; see tracepoint.h. */
