// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Formatting into a buffer; see <linux/sprintf.h>. */

#include <linux/sprintf.h>
#include <linux/minmax.h>
#include <linux/string.h>

bool no_hash_pointers = true;

/* The rest of a buffer, and the length of the whole text so far. */
struct text {
	char *buf;
	size_t size, len;
};

static char *text_at(const struct text *t)
{
	return t->len < t->size ? t->buf + t->len : NULL;
}

static size_t text_left(const struct text *t)
{
	return t->len < t->size ? t->size - t->len : 0;
}

/* @stars: how many "*" the conversion has, and @star their values. */
#define text_print(t, spec, stars, star, value)				\
	((stars) == 0 ? snprintf(text_at(t), text_left(t), spec, value) : \
	 (stars) == 1 ? snprintf(text_at(t), text_left(t), spec,	\
				 (star)[0], value) :			\
			snprintf(text_at(t), text_left(t), spec,	\
				 (star)[0], (star)[1], value))

static int text_print_rust(const struct text *t, const void *arg)
{
	char none[1], *at = text_at(t), *end;

	if (!rust_fmt_argument)
		return snprintf(at, text_left(t), "(%%pA?)");
	if (!at)
		at = none;
	/* It writes no NUL: leave a byte. */
	end = at + max_t(size_t, text_left(t), 1) - 1;
	return rust_fmt_argument(at, end, arg) - at;
}

/*
 * vsnprintf() for a format with %pA. libc prints each of the other conversions,
 * and the rest of a format with one that is not known here.
 */
static int vsnprintf_rust(char *buf, size_t size, const char *fmt, va_list args)
{
	struct text t = { .buf = buf, .size = size };
	int n, stars, star[2], longs;
	char spec[32];
	size_t i;

	for (; *fmt; fmt += i, t.len += n) {
		i = strcspn(fmt, "%");
		if (i) {
			n = snprintf(text_at(&t), text_left(&t), "%.*s", (int)i,
				     fmt);
			continue;
		}
		stars = 0;
		for (i = 1; fmt[i] && strchr("-+ #0123456789.*", fmt[i]); i++)
			if (fmt[i] == '*' && stars < 2)
				star[stars++] = va_arg(args, int);
		for (longs = 0; fmt[i] && strchr("hljztq", fmt[i]); i++)
			longs += fmt[i] == 'l' ? 1 :
				 strchr("jq", fmt[i]) ? 2 :
				 strchr("zt", fmt[i]) ? 1 : 0;
		if (i + 2 > sizeof(spec))
			return t.len + vsnprintf(text_at(&t), text_left(&t), fmt,
						 args);
		memcpy(spec, fmt, i + 1);
		spec[i + 1] = 0;
		switch (fmt[i++]) {
		case '%':
			n = snprintf(text_at(&t), text_left(&t), "%%");
			break;
		case 's':
		case 'p':
			if (fmt[i - 1] == 'p' && fmt[i] == 'A') {
				i++;
				n = text_print_rust(&t, va_arg(args, void *));
				break;
			}
			n = text_print(&t, spec, stars, star,
				       va_arg(args, void *));
			break;
		case 'c':
		case 'd':
		case 'i':
		case 'o':
		case 'u':
		case 'x':
		case 'X':
			if (longs >= 2)
				n = text_print(&t, spec, stars, star,
					       va_arg(args, long long));
			else if (longs)
				n = text_print(&t, spec, stars, star,
					       va_arg(args, long));
			else
				n = text_print(&t, spec, stars, star,
					       va_arg(args, int));
			break;
		default:
			return t.len + vsnprintf(text_at(&t), text_left(&t),
						 fmt, args);
		}
	}
	/* %pA has no NUL after it, and nothing else if the text is empty. */
	if (size)
		buf[min(t.len, size - 1)] = 0;
	return t.len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = unlikely(strstr(fmt, "%pA")) ?
			  vsnprintf_rust(buf, size, fmt, args) :
			  vsnprintf(buf, size, fmt, args);

	return len < (ssize_t)size ? len : size ? (int)size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
