// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Finds the race detector of this process, and reports happens-before relations
 * to it. See <lfshim/hb.h>. This file includes only headers of the host.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>
#include "../include/lfshim/hb.h"

#if defined(LFSHIM_VALGRIND) && !LFSHIM_TSAN
#include <valgrind/helgrind.h>
/* Both headers define these macros, each for its own tool. */
#undef ANNOTATE_HAPPENS_BEFORE
#undef ANNOTATE_HAPPENS_AFTER
#undef ANNOTATE_BENIGN_RACE_SIZED
#include <valgrind/drd.h>

/* Each tool ignores the requests that it does not know. */
static void valgrind_release(const volatile void *p)
{
	DO_CREQ_v_W(_VG_USERREQ__HG_USERSO_SEND_PRE, const volatile void *, p);
	VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_ANNOTATE_HAPPENS_BEFORE,
					p, 0, 0, 0, 0);
}

static void valgrind_acquire(const volatile void *p)
{
	DO_CREQ_v_W(_VG_USERREQ__HG_USERSO_RECV_POST, const volatile void *, p);
	VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_ANNOTATE_HAPPENS_AFTER,
					p, 0, 0, 0, 0);
}

static void valgrind_atomic(const volatile void *p, unsigned long size)
{
	VALGRIND_HG_DISABLE_CHECKING(p, size);
	ANNOTATE_BENIGN_RACE_SIZED(p, size, "atomic");
}

#define on_valgrind()		(RUNNING_ON_VALGRIND != 0)
#else
#define valgrind_release(p)	((void)(p))
#define valgrind_acquire(p)	((void)(p))
#define valgrind_atomic(p, size) ((void)(p), (void)(size))
#define on_valgrind()		false
#endif

/*
 * ThreadSanitizer's runtime exports these functions. gcc's runtime is a
 * library, clang's is part of the program. They are weak, so without a runtime
 * they are NULL. An instrumented library always has a runtime.
 */
#if !LFSHIM_TSAN
extern void __tsan_acquire(void *addr) __attribute__((__weak__));
extern void __tsan_release(void *addr) __attribute__((__weak__));
#define on_tsan()		(__tsan_acquire && __tsan_release)
#else
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#define on_tsan()		true
#endif

#if !LFSHIM_TSAN
/* "Used" for the compiler: on x86-64 only assembly reads it. */
__attribute__((__used__)) bool lfshim_detector;

/* The first constructor of the library. Nothing is reported before it. */
__attribute__((__constructor__(101))) static void hb_find_detector(void)
{
	lfshim_detector = on_tsan() || on_valgrind();
}
#else
/*
 * If the program is not instrumented, gcc's runtime is loaded with the library,
 * after libc. Then libc's pthread_create() creates the threads, the runtime
 * does not know them, and the first one that calls it crashes. This function
 * prints a message and exits before that. (With clang such a program does not
 * link.)
 */
__attribute__((__constructor__(101), __no_sanitize__("thread")))
static void hb_check_runtime(void)
{
	/* Several, because a program may wrap some of them, as profilers do. */
	static const char *const intercepted[] = {
		"pthread_create", "pthread_join", "malloc", "read",
	};
	Dl_info winner, runtime;
	unsigned int i;

	if (!dladdr((void *)__tsan_acquire, &runtime))
		return;
	for (i = 0; i < sizeof(intercepted) / sizeof(*intercepted); i++) {
		void *p = dlsym(RTLD_DEFAULT, intercepted[i]);

		if (!p || !dladdr(p, &winner) ||
		    winner.dli_fbase == runtime.dli_fbase)
			return;
	}
	fputs("libfence: this library was built with -fsanitize=thread and the program was not: build the program with -fsanitize=thread, or use an ordinary libfence\n",
	      stderr);
	_exit(1);
}
#endif

__attribute__((__used__)) void lfshim_tell_release(const volatile void *p)
{
	if (on_tsan())
		__tsan_release((void *)p);
	else
		valgrind_release(p);
}

__attribute__((__used__)) void lfshim_tell_acquire(const volatile void *p)
{
	if (on_tsan())
		__tsan_acquire((void *)p);
	else
		valgrind_acquire(p);
}

void lfshim_tell_atomic(const volatile void *p, unsigned long size)
{
	valgrind_atomic(p, size);
}

#if !LFSHIM_TSAN && defined(__x86_64__) && defined(__LP64__) && \
	!defined(__AVX512F__)
/* For debuggers and profilers that unwind from a detector. */
#ifdef __GCC_HAVE_DWARF2_CFI_ASM
#define CFI(directive)	directive "\n\t"
#else
#define CFI(directive)
#endif

/*
 * Defines a function that lfshim_hb_call_() calls. The argument is on the
 * stack, above the return address. All general registers are preserved.
 * Unwinding ends at the caller, in .text.lfshim_hb, which has no unwind
 * information.
 */
#define KEEP_REGISTERS(name, fn)					\
	__attribute__((__naked__, __used__, __visibility__("hidden")))	\
	void name(void);						\
	void name(void)							\
	{								\
		__asm__("push %rbp\n\t"					\
			CFI(".cfi_def_cfa_offset 16")			\
			CFI(".cfi_offset 6, -16")			\
			"mov %rsp, %rbp\n\t"				\
			CFI(".cfi_def_cfa_register 6")			\
			"push %rax\n\t"					\
			"push %rcx\n\t"					\
			"push %rdx\n\t"					\
			"push %rsi\n\t"					\
			"push %rdi\n\t"					\
			"push %r8\n\t"					\
			"push %r9\n\t"					\
			"push %r10\n\t"					\
			"push %r11\n\t"					\
			"mov 16(%rbp), %rdi\n\t"			\
			"and $-16, %rsp\n\t"				\
			"call " fn "@PLT\n\t"				\
			"lea -72(%rbp), %rsp\n\t"			\
			"pop %r11\n\t"					\
			"pop %r10\n\t"					\
			"pop %r9\n\t"					\
			"pop %r8\n\t"					\
			"pop %rdi\n\t"					\
			"pop %rsi\n\t"					\
			"pop %rdx\n\t"					\
			"pop %rcx\n\t"					\
			"pop %rax\n\t"					\
			"pop %rbp\n\t"					\
			CFI(".cfi_def_cfa 7, 8")			\
			"ret");						\
	}

KEEP_REGISTERS(lfshim_hb_release_regs, "lfshim_tell_release")
KEEP_REGISTERS(lfshim_hb_acquire_regs, "lfshim_tell_acquire")
#endif
