/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* For bindings.py: prints the sizes, offsets and values that the compiler knows. */
#undef printf
extern int printf(const char *format, ...);
extern int putchar(int c);

#define S(name, type) printf("S " name " %zu %zu\n", sizeof(type), _Alignof(type));
#define M(name, type, member)						\
	printf("M " name " " #member " %zu %zu\n",			\
	       __builtin_offsetof(type, member), sizeof(((type *)0)->member));
/* A number, or a string as JSON has it. */
#define C(name, value)							\
	_Static_assert(__builtin_constant_p(value), "no constant");	\
	if (_Generic((value), char *: 1, const char *: 1, default: 0))	\
		probe_string(name, (const char *)(unsigned long)(value)); \
	else								\
		printf("C " name " %lld\n", (long long)(value));

static void probe_string(const char *name, const char *text)
{
	printf("C %s \"", name);
	for (; *text; text++)
		if (*text < ' ' || *text == '"' || *text == '\\')
			printf("\\u%04x", (unsigned char)*text);
		else
			putchar(*text);
	printf("\"\n");
}
