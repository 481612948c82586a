// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * rustc's code calls these in builds with ThreadSanitizer. gcc's libtsan does not have
 * them; it intercepts memcpy() and the others, which are the same to it.
 */
#include <string.h>

__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	return memcpy(to, from, size);
}

__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t size)
{
	return memmove(to, from, size);
}

__attribute__((weak)) void *__tsan_memset(void *to, int byte, size_t size)
{
	return memset(to, byte, size);
}
