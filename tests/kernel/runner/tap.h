/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The programs that run the kernel's tests print messages as TAP comments. */
#ifndef LFSHIM_TAP_H
#define LFSHIM_TAP_H

#include <stdio.h>
#include <string.h>

#include <libfence/libfence.h>

/* Print the lines of @text, each after "# ". */
static inline void tap_comment(const char *text)
{
	flockfile(stdout);
	while (*text) {
		int len = strcspn(text, "\n");

		printf("# %.*s\n", len, text);
		text += len;
		text += *text == '\n';
	}
	fflush(stdout);
	funlockfile(stdout);
}

/* A function for libfence_set_log_hook(). */
static inline void tap_log(int level, const char *message, void *data)
{
	tap_comment(message);
}

static inline void tap_warning(const struct libfence_warning *w)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s at %s:%d %s(): %s",
		 w->kind == LIBFENCE_BUG ? "BUG" : "WARNING", w->file, w->line,
		 w->function, w->message);
	tap_comment(text);
}

#endif
