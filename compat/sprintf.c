// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Formatting into a buffer; see <linux/sprintf.h>. */

#include <linux/sprintf.h>
#include <linux/minmax.h>
#include <linux/string.h>

bool no_hash_pointers = true;

/* The rest of a buffer, the length of the whole text so far, the arguments. */
struct text {
	char *buf;
	size_t size, len;
	va_list args;
};

/* A conversion up to its letter: "%-*ld". */
struct conversion {
	char spec[32];
	size_t len;
	/* 0: an int. 1: a long or a size_t. More: a long long. */
	int longs;
	/* The values of its asterisks. */
	int nr_stars, star[2];
};

static char *text_at(const struct text *t)
{
	return t->len < t->size ? t->buf + t->len : NULL;
}

static size_t text_left(const struct text *t)
{
	return t->len < t->size ? t->size - t->len : 0;
}

#define text_print(t, fmt, args...) \
	snprintf(text_at(t), text_left(t), fmt, ##args)
#define text_convert(t, c, value)					\
	((c)->nr_stars == 0 ? text_print(t, (c)->spec, value) :		\
	 (c)->nr_stars == 1 ? text_print(t, (c)->spec, (c)->star[0],	\
					 value) :			\
			      text_print(t, (c)->spec, (c)->star[0],	\
					 (c)->star[1], value))

static int text_print_rust(const struct text *t, const void *arg)
{
	char none[1], *at = text_at(t) ?: none;

	if (!rust_fmt_argument)
		return text_print(t, "(%%pA?)");
	/* It writes no NUL. That comes at the end. */
	return rust_fmt_argument(at, at + text_left(t), arg) - at;
}

/* False if it is too long. */
static bool conversion_read(struct conversion *c, struct text *t,
			    const char *fmt)
{
	size_t i;

	c->longs = c->nr_stars = 0;
	for (i = 1; fmt[i] && strchr("-+ #0123456789.*", fmt[i]); i++)
		if (fmt[i] == '*' && c->nr_stars < 2)
			c->star[c->nr_stars++] = va_arg(t->args, int);
	for (; fmt[i] && strchr("hljztq", fmt[i]); i++)
		c->longs += strchr("jq", fmt[i]) ? 2 : fmt[i] != 'h';
	c->len = i + 1;
	if (c->len >= sizeof(c->spec))
		return false;
	memcpy(c->spec, fmt, c->len);
	c->spec[c->len] = 0;
	return true;
}

/* Prints the argument of a conversion. -1: of an unknown one. */
static int conversion_print(struct conversion *c, struct text *t,
			    const char *fmt)
{
	switch (fmt[c->len - 1]) {
	case '%':
		return text_print(t, "%%");
	case 'p':
		if (fmt[c->len] == 'A') {
			c->len++;
			return text_print_rust(t, va_arg(t->args, void *));
		}
		fallthrough;
	case 's':
		return text_convert(t, c, va_arg(t->args, void *));
	case 'c':
	case 'd':
	case 'i':
	case 'o':
	case 'u':
	case 'x':
	case 'X':
		if (c->longs >= 2)
			return text_convert(t, c, va_arg(t->args, long long));
		if (c->longs)
			return text_convert(t, c, va_arg(t->args, long));
		return text_convert(t, c, va_arg(t->args, int));
	default:
		return -1;
	}
}

/*
 * vsnprintf() for a format with %pA. libc prints each of the other conversions,
 * and the rest of a format with one that is not known here.
 */
static int vsnprintf_rust(char *buf, size_t size, const char *fmt, va_list args)
{
	struct text t = { .buf = buf, .size = size };
	struct conversion c;
	int n;

	va_copy(t.args, args);
	while (*fmt) {
		c.len = strcspn(fmt, "%");
		if (c.len)
			n = text_print(&t, "%.*s", (int)c.len, fmt);
		else if (!conversion_read(&c, &t, fmt))
			n = -1;
		else
			n = conversion_print(&c, &t, fmt);
		if (n < 0) {
			t.len += vsnprintf(text_at(&t), text_left(&t), fmt,
					   t.args);
			break;
		}
		t.len += n;
		fmt += c.len;
	}
	va_end(t.args);
	/* A text that ends with %pA has no NUL yet. */
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
