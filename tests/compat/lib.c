// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sorting, random numbers, strings, arithmetic, errors. */

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errname.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/units.h>
#include <linux/wordpart.h>

static const char *program;

struct element {
	unsigned int key;
	unsigned char check[3];
};

static int compare(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int nr_swaps, nr_bad_sizes;

static void swap_elements(void *a, void *b, int size)
{
	struct element *x = a, *y = b;

	nr_swaps++;
	nr_bad_sizes += size != sizeof(*x);
	swap(*x, *y);
}

static void sort_puts_elements_in_order_and_loses_none(void **state)
{
	u64 seed = test_seed();
	struct element e[300];
	unsigned int n, i, sum, range;

	for (n = 0; n < ARRAY_SIZE(e); n++) {
		for (range = 1; range <= 100000; range *= 316) {
			swap_func_t fn = n % 2 ? swap_elements : NULL;

			sum = 0;
			for (i = 0; i < n; i++) {
				seed = seed * 6364136223846793005ul + 1442695040888963407ul;
				e[i].key = (seed >> 33) % range;
				memset(e[i].check, e[i].key % 251, 3);
				sum += e[i].key * e[i].key;
			}
			sort(e, n, sizeof(e[0]), compare, fn);
			for (i = 0; i < n; i++) {
				assert_true(i == 0 || e[i - 1].key <= e[i].key);
				/* Each element was moved as a whole. */
				assert_int_equal(e[i].check[0], e[i].key % 251);
				assert_int_equal(e[i].check[2], e[i].key % 251);
				sum -= e[i].key * e[i].key;
			}
			assert_int_equal(sum, 0);
		}
	}
	assert_true(nr_swaps > 0);
	assert_int_equal(nr_bad_sizes, 0);
}

static int compare_longs(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void sort_follows_the_comparison(void **state)
{
	long v[] = { 3, LONG_MIN, 7, LONG_MAX, 3, 0, -1 };
	const long expected[] = { LONG_MAX, 7, 3, 3, 0, -1, LONG_MIN };

	sort(v, ARRAY_SIZE(v), sizeof(v[0]), compare_longs, NULL);
	assert_memory_equal(v, expected, sizeof(v));
}

static void random_numbers_stay_in_bounds_and_reach_them(void **state)
{
	static const u32 ceils[] = { 1, 2, 3, 10, 1000 };
	unsigned int i, j;

	assert_int_equal(get_random_u32_below(0), 0);
	for (i = 0; i < ARRAY_SIZE(ceils); i++) {
		bool low = false, high = false;

		for (j = 0; j < 100 * ceils[i]; j++) {
			u32 r = get_random_u32_below(ceils[i]);

			assert_true(r < ceils[i]);
			low |= r == 0;
			high |= r == ceils[i] - 1;
			r = get_random_u32_inclusive(5, 4 + ceils[i]);
			assert_between(r, 5, 4 + ceils[i]);
		}
		assert_true(low && high);
	}
	assert_int_equal(get_random_u32_inclusive(9, 9), 9);
}

static void every_random_bit_is_sometimes_one_and_sometimes_zero(void **state)
{
	u64 ones = 0, zeros = 0;
	u32 full = 0;
	int i;

	for (i = 0; i < 200; i++) {
		u64 r = get_random_u64();

		ones |= r;
		zeros |= ~r;
		full |= get_random_u32_inclusive(0, U32_MAX);
	}
	assert_true(ones == ~0ull && zeros == ~0ull);
	assert_int_equal(full, U32_MAX);
}

static void read_numbers_as(const char *env, char *buf, int size)
{
	char command[4096];
	FILE *pipe;

	/* Meson sets MESON_EXE_WRAPPER where a CPU is emulated. */
	snprintf(command, sizeof(command),
		 "env %s $MESON_EXE_WRAPPER '%s' --random", env, program);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(buf, size, pipe));
	assert_int_equal(pclose(pipe), 0);
}

static void read_numbers(const char *seed, char *buf, int size)
{
	char env[64];

	snprintf(env, sizeof(env), "LIBFENCE_SEED=%s", seed);
	read_numbers_as(env, buf, size);
}

static void read_numbers_unseeded(char *buf, int size)
{
	read_numbers_as("-u LIBFENCE_SEED", buf, size);
}

static void seed_in_the_environment_repeats_the_sequence(void **state)
{
	char a[200], b[200], c[200];

	read_numbers("5", a, sizeof(a));
	read_numbers("5", b, sizeof(b));
	read_numbers("6", c, sizeof(c));
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	/* Without a seed, the clock is the seed. */
	read_numbers_unseeded(a, sizeof(a));
	read_numbers_unseeded(b, sizeof(b));
	assert_string_not_equal(a, b);
}

static void strscpy_copies_or_cuts_and_always_terminates(void **state)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	assert_int_equal(strscpy(buf, "abc"), 3);
	assert_memory_equal(buf, "abc\0xxxx", 8);
	assert_int_equal(strscpy(buf, "1234567"), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(strscpy(buf, "12345678"), -E2BIG);
	assert_string_equal(buf, "1234567");
	assert_int_equal(strscpy(buf, "abcdef", 4), -E2BIG);
	assert_string_equal(buf, "abc");
	assert_int_equal(strscpy(buf, "", 1), 0);
	assert_string_equal(buf, "");
	assert_int_equal(strscpy(buf, "x", 1), -E2BIG);
	assert_string_equal(buf, "");
	buf[0] = 'k';
	assert_int_equal(strscpy(buf, "x", 0), -E2BIG);
	assert_int_equal(buf[0], 'k');
}

static void scnprintf_returns_what_is_in_the_buffer(void **state)
{
	char buf[8] = "xxxxxxx";

	assert_int_equal(scnprintf(buf, sizeof(buf), "%d", 12345), 5);
	assert_string_equal(buf, "12345");
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "1234567"), 7);
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "12345678"), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(scnprintf(buf, 1, "%s", "abc"), 0);
	assert_string_equal(buf, "");
	assert_int_equal(scnprintf(buf, 0, "%s", "abc"), 0);
}

static int first_numbers(void *data)
{
	u32 *n = data;

	n[0] = get_random_u32();
	n[1] = get_random_u32();
	return 0;
}

/* In a child process with a seed: without one, the clock differs. */
static int numbers_differ(void)
{
	u32 n[2][2];
	int i;

	setenv("LIBFENCE_SEED", "7", 1);
	for (i = 0; i < 2; i++)
		finish(start(first_numbers, n[i]));
	/* From the first on. */
	return n[0][0] == n[1][0] || n[0][1] == n[1][1];
}

static void every_thread_has_numbers_of_its_own(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(numbers_differ());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A fmt::Arguments of Rust: here a text that is longer than some buffers. */
char *rust_fmt_argument(char *buf, char *end, const void *ptr)
{
	const char *text = ptr;

	for (; *text; text++, buf++)
		if (buf < end)
			*buf = *text;
	return buf;
}

static void rust_arguments_are_printed_between_others(void **state)
{
	char buf[40];

	assert_int_equal(scnprintf(buf, sizeof(buf), "%pA", "rust"), 4);
	assert_string_equal(buf, "rust");
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s: %pA!", "name", "rust"),
			 11);
	assert_string_equal(buf, "name: rust!");
	/* Each size of an argument, and the argument after it. */
	scnprintf(buf, sizeof(buf), "%d %lx %llx %pA %5zu%%", -1, ULONG_MAX,
		  0x300000000ull, "r", (size_t)4);
	assert_string_equal(buf, sizeof(long) == 4 ?
				 "-1 ffffffff 300000000 r     4%" :
				 "-1 ffffffffffffffff 300000000 r     4%");
	scnprintf(buf, sizeof(buf), "%*d %-*.*s|%c%hhd%pA%jd", 4, 1, 3, 2, "abc",
		  'x', 300, "r", (intmax_t)5);
	assert_string_equal(buf, "   1 ab |x44r5");
	scnprintf(buf, sizeof(buf), "%p %pA", (void *)16, "r");
	assert_string_equal(buf, "0x10 r");
	scnprintf(buf, sizeof(buf), "%pA %.1f", "r", 0.5);
	assert_string_equal(buf, "r 0.5");
	scnprintf(buf, sizeof(buf), "%%pA %pA", "r");
	assert_string_equal(buf, "%pA r");
	scnprintf(buf, sizeof(buf), "%pA", "");
	assert_string_equal(buf, "");
}

static void rust_arguments_are_cut_as_others(void **state)
{
	char buf[8];

	memset(buf, 'z', sizeof(buf));
	assert_int_equal(scnprintf(buf, 4, "%pA", "rust"), 3);
	assert_memory_equal(buf, "rus\0zzzz", 8);
	assert_int_equal(scnprintf(buf, 4, "%s%pA", "ab", "rust"), 3);
	assert_memory_equal(buf, "abr\0zzzz", 8);
	assert_int_equal(scnprintf(buf, 4, "%s%pA%d", "abc", "rust", 7), 3);
	assert_memory_equal(buf, "abc\0zzzz", 8);
	assert_int_equal(scnprintf(buf, 1, "%pA", "rust"), 0);
	assert_memory_equal(buf, "\0bc\0zzzz", 8);
	assert_int_equal(scnprintf(NULL, 0, "%pA", "rust"), 0);
}

static void errors_have_names(void **state)
{
	int err;

	assert_string_equal(errname(-EPERM), "-EPERM");
	assert_string_equal(errname(EPERM), "EPERM");
	assert_string_equal(errname(-EAGAIN), "-EAGAIN");
	assert_string_equal(errname(-EDEADLK), "-EDEADLK");
	assert_string_equal(errname(-EHWPOISON), "-EHWPOISON");
	assert_string_equal(errname(-ERESTARTSYS), "-ERESTARTSYS");
	assert_string_equal(errname(-EPROBE_DEFER), "-EPROBE_DEFER");
	assert_string_equal(errname(ENOGRACE), "ENOGRACE");
	assert_null(errname(0));
	assert_null(errname(41));
	assert_null(errname(-520));
	assert_null(errname(-532));
	assert_null(errname(INT_MIN));
	assert_null(errname(INT_MAX));
	/* All numbers of the host and of the kernel. */
	for (err = 1; err <= ENOGRACE; err++) {
		if (err == 41 || err == 58 || err == 520 ||
		    (err > EFTYPE && err < ERESTARTSYS))
			continue;
		if (!errname(err) || *errname(err) != 'E')
			fail_msg("error %d has no name", err);
	}
}

/* The errors of the kernel's headers, which the host does not know. */
static void kernel_errors_have_the_kernels_numbers(void **state)
{
	static const int numbers[] = {
		EFTYPE, ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND,
		ENOIOCTLCMD, ERESTART_RESTARTBLOCK, EPROBE_DEFER, EOPENSTALE,
		ENOPARAM, EBADHANDLE, ENOTSYNC, EBADCOOKIE, ENOTSUPP, ETOOSMALL,
		ESERVERFAULT, EBADTYPE, EJUKEBOX, EIOCBQUEUED, ERECALLCONFLICT,
		ENOGRACE,
	};
	static const int expected[] = {
		134, 512, 513, 514, 515, 516, 517, 518, 519, 521, 522, 523, 524,
		525, 526, 527, 528, 529, 530, 531,
	};

	assert_memory_equal(numbers, expected, sizeof(expected));
	assert_int_equal(sizeof(numbers), sizeof(expected));
	assert_int_equal(EFSBADCRC, EBADMSG);
	assert_int_equal(EFSCORRUPTED, EUCLEAN);
}

static void errors_travel_in_pointers(void **state)
{
	int v = 0;

	assert_true(IS_ERR(ERR_PTR(-ENOMEM)));
	assert_int_equal(PTR_ERR(ERR_PTR(-ENOMEM)), -ENOMEM);
	assert_true(IS_ERR(ERR_PTR(-MAX_ERRNO)));
	assert_false(IS_ERR(ERR_PTR(-MAX_ERRNO - 1)));
	assert_false(IS_ERR(&v));
	assert_false(IS_ERR(NULL));
	assert_true(IS_ERR_OR_NULL(NULL));
	assert_true(IS_ERR_OR_NULL(ERR_PTR(-1)));
	assert_false(IS_ERR_OR_NULL(&v));
	assert_int_equal(PTR_ERR_OR_ZERO(&v), 0);
	assert_int_equal(PTR_ERR_OR_ZERO(ERR_PTR(-EIO)), -EIO);
	assert_int_equal(PTR_ERR(ERR_CAST(ERR_PTR(-EBUSY))), -EBUSY);
}

static int nr_evaluated;

static int evaluate(int v)
{
	nr_evaluated++;
	return v;
}

static void extremes_evaluate_their_arguments_once(void **state)
{
	int a = 1, b = 2;

	nr_evaluated = 0;
	assert_int_equal(min(evaluate(3), evaluate(-4)), -4);
	assert_int_equal(max(evaluate(3), evaluate(-4)), 3);
	assert_int_equal(nr_evaluated, 4);
	assert_int_equal(min3(3, 1, 2), 1);
	assert_int_equal(max3(1, 3, 2), 3);
	assert_int_equal(min_t(unsigned char, 0x102, 5), 2);
	assert_int_equal(max_t(int, -1, 0u), 0);
	assert_int_equal(clamp(5, 1, 3), 3);
	assert_int_equal(clamp(-5, 1, 3), 1);
	assert_int_equal(clamp(2, 1, 3), 2);
	assert_int_equal(clamp_t(u8, evaluate(0x1ff), 0, 9), 9);
	assert_int_equal(clamp_val((u8)200, 3, 100), 100);
	assert_int_equal(umin(3, 7u), 3);
	assert_true(umax(3ul, ~0ull) == ~0ull);
	assert_int_equal(min_not_zero(0, 3), 3);
	assert_int_equal(min_not_zero(4, 0), 4);
	assert_int_equal(min_not_zero(4, 3), 3);
	swap(a, b);
	assert_int_equal(a, 2);
	assert_int_equal(b, 1);
}

static void integer_arithmetic(void **state)
{
	int sum;

	assert_int_equal(DIV_ROUND_UP(10, 3), 4);
	assert_int_equal(DIV_ROUND_UP(9, 3), 3);
	assert_int_equal(round_up(13, 8), 16);
	assert_int_equal(round_up(16, 8), 16);
	assert_int_equal(round_down(15, 8), 8);
	assert_int_equal(roundup(13, 5), 15);
	assert_int_equal(rounddown(13, 5), 10);
	assert_int_equal(rounddown(15, 5), 15);
	assert_true(div_u64(~0ull, 10) == 1844674407370955161ull);
	assert_int_equal(div_s64(-100, 7), -14);
	assert_true(div64_u64(~0ull, 1ull << 40) == (1 << 24) - 1);
	assert_int_equal(upper_32_bits(0x123456789abcdef0ull), 0x12345678);
	assert_int_equal(lower_32_bits(0x123456789abcdef0ull), 0x9abcdef0u);
	assert_true(is_power_of_2(64));
	assert_false(is_power_of_2(0));
	assert_false(is_power_of_2(65));
	assert_int_equal(roundup_pow_of_two(65), 128);
	assert_true(check_add_overflow(INT_MAX, 1, &sum));
	assert_int_equal(sum, INT_MIN);
	assert_false(check_sub_overflow(5, 7, &sum));
	assert_int_equal(sum, -2);
	assert_true(check_mul_overflow(1 << 30, 4, &sum));
	assert_true(num_online_cpus() >= 1);
}

struct counts {
	char name[3];
	int n;
};

static DEFINE_PER_CPU(struct counts, counts);
static DEFINE_PER_CPU_ALIGNED(int[2], numbers);

static void every_cpu_has_its_variable_on_a_line_of_its_own(void **state)
{
	unsigned int cpu, n = 0;
	char *last = NULL;

	for_each_possible_cpu(cpu) {
		struct counts *c = per_cpu_ptr(&counts, cpu);

		assert_int_equal(c->n, 0);
		assert_int_equal((unsigned long)c % 64, 0);
		assert_ptr_not_equal(c, last);
		last = (char *)c;
		c->n = n++;
		(*per_cpu_ptr(&numbers, cpu))[1] = c->n;
	}
	assert_int_equal(n, nr_cpu_ids);
	assert_between(n, 1, NR_CPUS);
	for_each_possible_cpu(cpu) {
		assert_int_equal(per_cpu_ptr(&counts, cpu)->n, cpu);
		assert_int_equal((*per_cpu_ptr(&numbers, cpu))[1], cpu);
	}
	for (n = 0; n < 1000; n++)
		assert_between(raw_cpu_ptr(&counts)->n, 0, nr_cpu_ids - 1);
}

static void weights_count_the_bits_of_their_width(void **state)
{
	assert_int_equal(hweight8(0x1ff), 8);
	assert_int_equal(hweight16(0x1ffff), 16);
	assert_int_equal(hweight32(0x1ffffffffull), 32);
	assert_int_equal(hweight64(~0ull), 64);
	assert_int_equal(hweight64(1ull << 40 | 1), 2);
}

static void sizes_are_powers_of_two(void **state)
{
	const u64 sizes[] = { SZ_32G, SZ_64G, SZ_128G, SZ_256G, SZ_512G, SZ_1T,
			      SZ_2T, SZ_4T, SZ_8T, SZ_16T, SZ_32T, SZ_64T };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_true(sizes[i] == 1ull << (35 + i));
}

static void const_true_is_what_the_compiler_knows(void **state)
{
	int volatile one = 1;

	assert_true(const_true(sizeof(int) == 4));
	assert_false(const_true(sizeof(int) == 5));
	assert_false(const_true(one));
}

static void user_memory_is_read_and_written_by_its_type(void **state)
{
	const u8 narrow = 200;
	u64 wide = 1ull << 40, value = 7;
	int bytes = 7;
	char array[4] = { 1, 2, 3, 4 };
	char *copy;

	assert_int_equal(get_user(bytes, &narrow), 0);
	assert_int_equal(bytes, 200);
	assert_int_equal(get_user(value, &wide), 0);
	assert_true(value == wide);
	assert_int_equal(get_user(value, (u64 __user *)8), -EFAULT);
	assert_int_equal(value, 0);
	wide = 0x12345;
	assert_int_equal(put_user(wide, &array[1]), 0);
	assert_memory_equal(array, "\1\x45\3\4", 4);
	assert_int_equal(put_user(1, (u64 __user *)8), -EFAULT);

	copy = memdup_user(array, sizeof(array));
	assert_memory_equal(copy, array, sizeof(array));
	kfree(copy);
	copy = memdup_array_user(array, 2, 2);
	assert_memory_equal(copy, array, sizeof(array));
	kfree(copy);
	assert_int_equal(PTR_ERR(memdup_user((void __user *)8, 4)), -EFAULT);
	assert_int_equal(PTR_ERR(memdup_array_user(array, SIZE_MAX, 2)), -EOVERFLOW);
	copy = vmemdup_user(array, sizeof(array));
	assert_memory_equal(copy, array, sizeof(array));
	kvfree(copy);
	assert_int_equal(PTR_ERR(vmemdup_user((void __user *)8, 4)), -EFAULT);
}

static void a_string_of_user_memory_ends_at_its_nul(void **state)
{
	char *pages = mmap(NULL, 2 * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *next = pages + sysconf(_SC_PAGESIZE), to[200];

	memset(pages, 'x', next - pages);
	/* Nothing after the NUL is read. */
	munmap(next, sysconf(_SC_PAGESIZE));
	next[-1] = 0;
	assert_int_equal(strncpy_from_user(to, next - 100, sizeof(to)), 99);
	assert_int_equal(strlen(to), 99);
	assert_int_equal(strncpy_from_user(to, next - 1, sizeof(to)), 0);
	/* A longer string: no NUL. */
	memset(to, 0, sizeof(to));
	assert_int_equal(strncpy_from_user(to, next - 100, 70), 70);
	assert_int_equal(strlen(to), 70);
	next[-1] = 'x';
	assert_int_equal(strncpy_from_user(to, next - 100, sizeof(to)), -EFAULT);
	assert_int_equal(strncpy_from_user(to, next - 100, 100), 100);
	munmap(pages, next - pages);
}

static void ranges_overflow_at_their_end(void **state)
{
	assert_false(range_overflows(2u, 3u, 5u));
	assert_true(range_overflows(2u, 4u, 5u));
	assert_true(range_overflows(2u, ~0u, 5u));
	assert_true(range_overflows(5u, 0u, 5u));
	assert_false(range_end_overflows(5u, 0u, 5u));
	assert_true(range_end_overflows(5u, 1u, 5u));
	assert_true(range_end_overflows(6u, 0u, 5u));
	assert_true(range_overflows_t(u64, 1u, ~0ull, 5));
	assert_true(range_end_overflows_t(u8, 1, 255, 255));
	assert_false(range_end_overflows_t(u8, 1, 254, 255));
}

union of_arrays {
	int first;
	DECLARE_FLEX_ARRAY(char, bytes);
	DECLARE_FLEX_ARRAY(u16, words);
};

static void flexible_arrays_share_a_union(void **state)
{
	union of_arrays *u = malloc(sizeof(*u) + 4);

	assert_int_equal(sizeof(union of_arrays), sizeof(int));
	assert_ptr_equal(u->bytes, u);
	assert_ptr_equal(u->words, u);
	u->words[3] = 0x0707;
	assert_int_equal(u->bytes[7], 7);
	free(u);
}

static void units_are_factors(void **state)
{
	assert_int_equal(25 * HZ_PER_MHZ, 25000000);
	assert_int_equal(NANOHZ_PER_HZ, 1000000000);
	assert_int_equal(KHZ_PER_GHZ, HZ_PER_GHZ / HZ_PER_KHZ);
	assert_int_equal(DIV_ROUND_DOWN_ULL(19u, 10), 1);
	assert_true(DIV_ROUND_DOWN_ULL(~0ull, 10) == 1844674407370955161ull);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(sort_puts_elements_in_order_and_loses_none),
		TEST(sort_follows_the_comparison),
		TEST(random_numbers_stay_in_bounds_and_reach_them),
		TEST(every_random_bit_is_sometimes_one_and_sometimes_zero),
		TEST(seed_in_the_environment_repeats_the_sequence),
		TEST(strscpy_copies_or_cuts_and_always_terminates),
		TEST(scnprintf_returns_what_is_in_the_buffer),
		TEST(every_thread_has_numbers_of_its_own),
		TEST(rust_arguments_are_printed_between_others),
		TEST(rust_arguments_are_cut_as_others),
		TEST(errors_have_names),
		TEST(kernel_errors_have_the_kernels_numbers),
		TEST(errors_travel_in_pointers),
		TEST(extremes_evaluate_their_arguments_once),
		TEST(integer_arithmetic),
		TEST(every_cpu_has_its_variable_on_a_line_of_its_own),
		TEST(weights_count_the_bits_of_their_width),
		TEST(sizes_are_powers_of_two),
		TEST(const_true_is_what_the_compiler_knows),
		TEST(user_memory_is_read_and_written_by_its_type),
		TEST(a_string_of_user_memory_ends_at_its_nul),
		TEST(ranges_overflow_at_their_end),
		TEST(flexible_arrays_share_a_union),
		TEST(units_are_factors),
	};
	int i;

	program = argv[0];
	if (argc > 1 && !strcmp(argv[1], "--random")) {
		for (i = 0; i < 8; i++)
			printf("%u ", get_random_u32());
		return 0;
	}
	TEST_NEEDS(test_host_checks_addresses(), "process_vm_readv()",
		   user_memory_is_read_and_written_by_its_type);
	TEST_NEEDS(test_host_checks_addresses(), "process_vm_readv()",
		   a_string_of_user_memory_ends_at_its_nul);
	return TEST_MAIN("lib", tests);
}
