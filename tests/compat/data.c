// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Hash tables, hlists, scatterlists, byte order and other small headers. */

#include "helpers.h"
#include <errno.h>
#include <linux/align.h>
#include <linux/args.h>
#include <linux/bitfield.h>
#include <linux/ctype.h>
#include <linux/debugobjects.h>
#include <linux/hardirq.h>
#include <linux/hashtable.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/iosys-map.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/pfn.h>
#include <linux/pm_runtime.h>
#include <linux/rculist.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/stackdepot.h>
#include <linux/string_helpers.h>
#include <linux/typecheck.h>
#include <linux/util_macros.h>
#include <linux/vmalloc.h>
#include <libfence/libfence.h>

struct item {
	int key;
	struct hlist_node node;
	struct list_head entry;
};

static void a_hash_table_finds_what_was_added(void **state)
{
	struct item items[100], *item;
	struct hlist_node *tmp;
	DEFINE_HASHTABLE(table, 4);
	bool seen[100] = {};
	int i, bkt, nr = 0;

	assert_int_equal(HASH_SIZE(table), 16);
	assert_int_equal(HASH_BITS(table), 4);
	assert_true(hash_empty(table));
	for (i = 0; i < 100; i++) {
		items[i].key = i * 7;
		INIT_HLIST_NODE(&items[i].node);
		assert_false(hash_hashed(&items[i].node));
		hash_add(table, &items[i].node, items[i].key);
		assert_true(hash_hashed(&items[i].node));
	}
	for (i = 0; i < 100; i++) {
		nr = 0;
		hash_for_each_possible(table, item, node, i * 7)
			nr += item->key == i * 7;
		assert_int_equal(nr, 1);
	}
	/* The keys are spread: no list has more than half of them. */
	for (i = 0; i < 16; i++) {
		nr = 0;
		hlist_for_each_entry(item, &table[i], node)
			nr++;
		assert_true(nr > 0 && nr < 50);
	}
	hash_for_each_safe(table, bkt, tmp, item, node) {
		assert_false(seen[item->key / 7]);
		seen[item->key / 7] = true;
		if (item->key % 2)
			hash_del(&item->node);
	}
	nr = 0;
	hash_for_each(table, bkt, item, node) {
		assert_int_equal(item->key % 2, 0);
		nr++;
	}
	assert_int_equal(nr, 50);
	assert_false(hash_empty(table));
	hash_init(table);
	assert_true(hash_empty(table));
}

static void a_node_of_an_hlist_goes_without_the_head(void **state)
{
	struct item items[4], *item;
	HLIST_HEAD(head);
	int i, expected[] = { 2, 1, 3 };

	assert_true(hlist_empty(&head));
	for (i = 0; i < 4; i++)
		items[i].key = i;
	hlist_add_head(&items[1].node, &head);
	hlist_add_before(&items[2].node, &items[1].node);
	hlist_add_behind(&items[3].node, &items[1].node);
	hlist_add_head_rcu(&items[0].node, &head);
	hlist_del_init_rcu(&items[0].node);
	assert_true(hlist_unhashed(&items[0].node));
	hlist_del_init(&items[0].node);
	i = 0;
	hlist_for_each_entry(item, &head, node)
		assert_int_equal(item->key, expected[i++]);
	assert_int_equal(i, 3);
	hlist_del(&items[2].node);
	hlist_del_init(&items[3].node);
	assert_ptr_equal(head.first, &items[1].node);
	assert_null(items[1].node.next);
	assert_ptr_equal(items[1].node.pprev, &head.first);
	hlist_del_rcu(&items[1].node);
	assert_true(hlist_empty(&head));
}

static void lists_are_walked_from_any_entry(void **state)
{
	struct item items[6], *item, *next;
	LIST_HEAD(head);
	LIST_HEAD(other);
	int i, sum = 0;

	for (i = 0; i < 6; i++) {
		items[i].key = i;
		list_add_tail_rcu(&items[i].entry, &head);
	}
	item = &items[3];
	list_for_each_entry_continue_reverse(item, &head, entry)
		sum = sum * 10 + item->key;
	assert_int_equal(sum, 210);
	sum = 0;
	item = &items[3];
	list_for_each_entry_from(item, &head, entry)
		sum = sum * 10 + item->key;
	assert_int_equal(sum, 345);
	sum = 0;
	item = &items[2];
	list_for_each_entry_from_reverse(item, &head, entry)
		sum = sum * 10 + item->key;
	assert_int_equal(sum, 210);
	sum = 0;
	item = &items[3];
	list_for_each_entry_safe_continue(item, next, &head, entry) {
		list_del(&item->entry);
		sum = sum * 10 + item->key;
	}
	assert_int_equal(sum, 45);
	assert_int_equal(list_count_nodes(&head), 4);
	list_cut_position(&other, &head, &items[1].entry);
	assert_int_equal(list_count_nodes(&other), 2);
	assert_ptr_equal(list_first_entry(&head, struct item, entry), &items[2]);
	assert_ptr_equal(list_last_entry_or_null(&other, struct item, entry), &items[1]);
	list_bulk_move_tail(&head, &items[0].entry, &items[1].entry);
	assert_true(list_empty(&other));
	assert_null(list_last_entry_or_null(&other, struct item, entry));
	sum = 0;
	list_for_each_entry_rcu(item, &head, entry)
		sum = sum * 10 + item->key;
	assert_int_equal(sum, 2301);
	list_del_rcu(&items[3].entry);
	/* A reader that is there goes on. */
	assert_ptr_equal(items[3].entry.next, &items[0].entry);
	items[4].key = 4;
	list_replace_rcu(&items[0].entry, &items[4].entry);
	sum = 0;
	list_for_each_entry_reverse(item, &head, entry)
		sum = sum * 10 + item->key;
	assert_int_equal(sum, 142);
}

static void bytes_have_the_order_that_is_asked_for(void **state)
{
	__le32 le = cpu_to_le32(0x01020304);
	__be32 be = cpu_to_be32(0x01020304);
	u8 mem[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	__le16 le16 = cpu_to_le16(0x00ff);
	u32 in_place = 0x0a0b0c0d;

	assert_memory_equal(&le, "\4\3\2\1", 4);
	assert_memory_equal(&be, "\1\2\3\4", 4);
	assert_int_equal(le32_to_cpu(le), 0x01020304);
	assert_int_equal(be32_to_cpup(&be), 0x01020304);
	le16_add_cpu(&le16, 1);
	assert_int_equal(le16_to_cpu(le16), 0x0100);
	cpu_to_be32s(&in_place);
	assert_memory_equal(&in_place, "\12\13\14\15", 4);
	assert_true(cpu_to_be64(0x0102030405060708ull) == *(u64 *)mem);
	static_assert(__builtin_constant_p(cpu_to_be16(1)), "a constant");
}

static u32 count_up(int *reads)
{
	return ++*reads;
}

static void io_is_one_access_in_little_endian_order(void **state)
{
	u8 mem[8] __aligned(8) = {};
	int reads = 0;
	u32 value;

	writel(0x01020304, mem);
	assert_memory_equal(mem, "\4\3\2\1\0\0\0\0", 8);
	writew(0x0506, mem + 6);
	assert_int_equal(readb(mem + 7), 5);
	assert_int_equal(readl_relaxed(mem), 0x01020304);
	assert_true(readq(mem) == 0x0506000001020304ull);
	assert_int_equal(read_poll_timeout(count_up, value, value == 3, 0, 0, false, &reads), 0);
	assert_int_equal(reads, 3);
	assert_int_equal(readl_poll_timeout(mem, value, value == 5, 100, 2000),
			 -ETIMEDOUT);
	assert_int_equal(value, 0x01020304);
}

static void a_poll_without_sleeps_counts_its_delays(void **state)
{
	u8 mem[8] __aligned(8) = {};
	unsigned long flags;
	int reads = 0;
	ktime_t begin;
	u32 value;

	assert_int_equal(poll_timeout_us(reads++, reads == 4, 0, 0, false), 0);
	reads = 0;
	assert_int_equal(read_poll_timeout_atomic(count_up, value, value == 3, 1,
						  1000, true, &reads), 0);
	assert_int_equal(reads, 3);
	/* It looks after 0, 1, 2 and 3 ms, and once more at the end of the time. */
	reads = 0;
	local_irq_save(flags);
	begin = ktime_get();
	assert_int_equal(read_poll_timeout_atomic(count_up, value, false, 1000,
						  2500, false, &reads),
			 -ETIMEDOUT);
	assert_true(ktime_get() - begin >= 3 * NSEC_PER_MSEC);
	local_irq_restore(flags);
	assert_int_equal(reads, 5);
	/* Without delays, each turn counts as a nanosecond. */
	assert_int_equal(readl_poll_timeout_atomic(mem, value, value, 0, 10),
			 -ETIMEDOUT);
	assert_int_equal(value, 0);
}

static void a_map_is_memory_at_an_offset(void **state)
{
	struct fields {
		u32 a, b;
	} fields = { 1, 2 };
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(&fields), b, io;
	u32 copy;

	assert_true(iosys_map_is_set(&map));
	b = (struct iosys_map)IOSYS_MAP_INIT_OFFSET(&map, 4);
	assert_ptr_equal(b.vaddr, &fields.b);
	iosys_map_wr(&b, 0, u32, 7);
	assert_int_equal(iosys_map_rd_field(&map, 0, struct fields, b), 7);
	iosys_map_wr_field(&map, 0, struct fields, a, 9);
	iosys_map_memcpy_from(&copy, &map, 0, 4);
	assert_int_equal(copy, 9);
	iosys_map_memset(&map, 4, 0, 4);
	assert_int_equal(fields.b, 0);
	iosys_map_set_vaddr_iomem(&io, &fields);
	assert_false(iosys_map_is_equal(&io, &map));
	iosys_map_set_vaddr(&io, &fields);
	assert_true(iosys_map_is_equal(&io, &map));
	iosys_map_clear(&map);
	assert_true(iosys_map_is_null(&map));
}

static void a_scatterlist_ends_at_its_last_entry(void **state)
{
	struct scatterlist *sg;
	struct sg_table table;
	unsigned int i, nr = 0;

	assert_int_equal(sg_alloc_table(&table, 0, GFP_KERNEL), -EINVAL);
	libfence_fail_nth(1);
	assert_int_equal(sg_alloc_table(&table, 3, GFP_KERNEL), -ENOMEM);
	sg_free_table(&table);
	assert_int_equal(sg_alloc_table(&table, 3, GFP_KERNEL), 0);
	assert_int_equal(sg_nents(table.sgl), 3);
	for_each_sgtable_sg(&table, sg, i) {
		assert_int_equal(sg->length, 0);
		assert_int_equal(sg_is_last(sg), i == 2);
		sg_dma_len(sg) = i;
		nr++;
	}
	assert_int_equal(nr, 3);
	assert_null(sg);
	table.nents = 2;
	nr = 0;
	for_each_sgtable_dma_sg(&table, sg, i)
		nr += sg_dma_len(sg) + 1;
	assert_int_equal(nr, 3);
	sg_free_table(&table);
	assert_null(table.sgl);
}

static void small_arithmetic_is_right(void **state)
{
	u64 n = 1000000000007ull, remainder;
	unsigned int turn;

	assert_int_equal(DIV_ROUND_CLOSEST(7, 2), 4);
	assert_int_equal(DIV_ROUND_CLOSEST(-7, 2), -4);
	assert_int_equal(DIV_ROUND_CLOSEST(5u, 4), 1);
	assert_true(DIV_ROUND_CLOSEST_ULL(10000000000ull, 3) == 3333333333ull);
	assert_int_equal(do_div(n, 10), 7);
	assert_true(n == 100000000000ull);
	assert_true(div64_u64_rem(17, 5, &remainder) == 3 && remainder == 2);
	assert_true(div64_s64(-17, 5) == -3);
	assert_true(mul_u32_u32(0xffffffff, 2) == 0x1fffffffeull);
	assert_int_equal(ALIGN(13, 8), 16);
	assert_int_equal(ALIGN_DOWN(13, 8), 8);
	assert_true(IS_ALIGNED(16, 8) && !IS_ALIGNED(12, 8));
	assert_int_equal(PFN_UP(1), 1);
	assert_int_equal(PFN_DOWN(PAGE_SIZE * 2 - 1), 1);
	assert_int_equal(FIELD_PREP(0xf0, 0x1a), 0xa0);
	assert_int_equal(FIELD_GET(0xf0, 0xabc), 0xb);
	assert_int_equal(FIELD_MAX(0x1f0), 0x1f);
	assert_true(FIELD_FIT(0xf0, 15) && !FIELD_FIT(0xf0, 16));
	assert_int_equal(SZ_64K, 65536);
	assert_int_equal(SZ_512M, 512 << 20);
	assert_int_equal(BITS_TO_LONGS(BITS_PER_LONG + 1), 2);
	assert_int_equal(BITS_PER_TYPE(u16), 16);
	assert_true(GENMASK_ULL(35, 4) == 0xffffffff0ull);
	assert_int_equal(struct_size_t(struct { int n; char c[]; }, c, 3), 7);
	turn = 0;
	for (n = 0; n < 4; n++)
		for_each_if(n % 2)
			turn++;
	assert_int_equal(turn, 2);
	assert_int_equal(hash_32(1, 8), 0x61);
	assert_int_equal(hash_64(1, 8), 0x61);
}

static void bits_and_signs_are_extended(void **state)
{
	unsigned long word = 0;

	assign_bit(3, &word, true);
	__assign_bit(5, &word, true);
	assert_int_equal(word, 0x28);
	assign_bit(3, &word, false);
	__assign_bit(4, &word, false);
	assert_int_equal(word, 0x20);
	__assign_bit(5, &word, false);
	assert_int_equal(word, 0);

	assert_int_equal(sign_extend32(0xf7f, 7), 0x7f);
	assert_int_equal(sign_extend32(0x80, 7), -128);
	assert_int_equal(sign_extend32(-1, 31), -1);
	assert_true(sign_extend64(1ull << 47, 47) == -(1ll << 47));
	assert_true(sign_extend64(S64_MAX, 63) == S64_MAX);

	assert_int_equal(order_base_2(0), 0);
	assert_int_equal(order_base_2(1), 0);
	assert_int_equal(order_base_2(8), 3);
	assert_int_equal(order_base_2(9), 4);
	assert_true(ktime_divns(-7, 2) == -3);
	assert_true(PHYS_ADDR_MAX == U64_MAX);
	assert_int_equal(sizeof(BIT_U8(7)) + sizeof(BIT_U16(15)), 3);
	assert_int_equal(BIT_U32(31), 0x80000000u);
	assert_true(BIT_U64(63) == 1ull << 63);
}

static void text_is_classified_in_ascii(void **state)
{
	assert_true(isdigit('7') && !isdigit('a') && isxdigit('F') && !isxdigit('g'));
	assert_true(isspace('\v') && isspace(' ') && !isspace('x'));
	assert_true(isalpha('Z') && !isalpha('@') && isalnum('0') && !isalnum('_'));
	assert_false(isalpha(0xe4));
	assert_int_equal(toupper('q'), 'Q');
	assert_int_equal(tolower('Q'), 'q');
	assert_int_equal(toupper('['), '[');
	assert_string_equal(str_yes_no(true), "yes");
	assert_string_equal(str_on_off(false), "off");
	assert_string_equal(str_enabled_disabled(true), "enabled");
	assert_string_equal(str_plural(1), "");
	assert_string_equal(str_plural(2), "s");
	assert_true(mem_is_zero("\0\0\0", 3) && !mem_is_zero("\0\0\1", 3));
}

static void what_is_off_does_nothing(void **state)
{
	struct debug_obj_descr descr = { .name = "descr" };
	struct device dev = { .init_name = "dev" };
	struct notifier_block nb = {};

	assert_int_equal(pm_runtime_get_sync(&dev), 1);
	assert_int_equal(pm_runtime_resume_and_get(&dev), 0);
	assert_int_equal(pm_runtime_get_if_active(&dev), -EINVAL);
	assert_int_equal(pm_runtime_put(&dev), -ENOSYS);
	assert_true(pm_runtime_active(&dev) && !pm_runtime_suspended(&dev));
	pm_runtime_set_autosuspend_delay(&dev, 100);
	debug_object_init(&nb, &descr);
	assert_int_equal(debug_object_activate(&nb, &descr), 0);
	debug_object_free(&nb, &descr);
	assert_int_equal(stack_depot_init(), 0);
	unmap_mapping_range(NULL, 0, 0, 1);
	synchronize_irq(7);
	assert_int_equal(task_tgid_nr(current), task_tgid_nr(current->group_leader));
}

static void arguments_are_counted_and_joined(void **state)
{
	int CONCATENATE(a, COUNT_ARGS(x, y)) = 7;

	assert_int_equal(a2, 7);
	assert_int_equal(COUNT_ARGS(), 0);
	assert_int_equal(COUNT_ARGS(1), 1);
	assert_int_equal(COUNT_ARGS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 15);
	assert_int_equal(typecheck(int, a2++), 1);
	assert_int_equal(a2, 7);
}

static void the_logarithm_of_a_constant_is_one(void **state)
{
	static const int logs[] = {
		const_ilog2(1), const_ilog2(4095), const_ilog2(1ull << 63),
		ilog2(0), ilog2(8)
	};
	volatile unsigned long long zero = 0, large = 1ull << 40;

	assert_int_equal(logs[0], 0);
	assert_int_equal(logs[1], 11);
	assert_int_equal(logs[2], 63);
	assert_int_equal(logs[3], 0);
	assert_int_equal(logs[4], 3);
	assert_int_equal(ilog2(zero), -1);
	assert_int_equal(ilog2(large), 40);
}

static int nothing_is_notified(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_BAD;
}

static void memory_stays(void **state)
{
	struct notifier_block nb = { .notifier_call = nothing_is_notified };

	assert_int_equal(register_memory_notifier(&nb), 0);
	unregister_memory_notifier(&nb);
}

static void vmalloc_gives_memory(void **state)
{
	char *p = vzalloc(10000);

	assert_true(mem_is_zero(p, 10000));
	vfree(p);
	p = vmalloc(1);
	assert_non_null(p);
	vfree(p);
	vfree(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hash_table_finds_what_was_added),
		TEST(a_node_of_an_hlist_goes_without_the_head),
		TEST(lists_are_walked_from_any_entry),
		TEST(bytes_have_the_order_that_is_asked_for),
		TEST(io_is_one_access_in_little_endian_order),
		TEST(a_poll_without_sleeps_counts_its_delays),
		TEST(a_map_is_memory_at_an_offset),
		TEST(a_scatterlist_ends_at_its_last_entry),
		TEST(small_arithmetic_is_right),
		TEST(bits_and_signs_are_extended),
		TEST(text_is_classified_in_ascii),
		TEST(what_is_off_does_nothing),
		TEST(vmalloc_gives_memory),
		TEST(arguments_are_counted_and_joined),
		TEST(the_logarithm_of_a_constant_is_one),
		TEST(memory_stays),
	};

	return TEST_MAIN("data", tests);
}
