// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Devices: names, messages, references, and the resources of a device. */

#include "helpers.h"
#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <linux/device.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <libfence/libfence.h>

static char logged[2048];
static int logged_level, nr_logged;

static void keep_message(int level, const char *message, void *data)
{
	logged_level = level;
	nr_logged++;
	strscpy(logged, message);
}

static int log_begin(void **state)
{
	*logged = '\0';
	nr_logged = 0;
	libfence_set_log_hook(keep_message, NULL);
	return test_setup(state);
}

static int log_end(void **state)
{
	libfence_set_log_hook(NULL, NULL);
	return test_teardown(state);
}

#define LOG_TEST(f)	cmocka_unit_test_setup_teardown(f, log_begin, log_end)

static int undone[8], nr_undone;

static void undo(void *nr)
{
	undone[nr_undone++] = (long)nr;
}

static void messages_name_the_driver_and_the_device(void **state)
{
	struct device_driver driver = { .name = "mock" };
	struct device dev = { .init_name = "gpu0", .driver = &driver };

	dev_err(&dev, "lost %d rings\n", 3);
	assert_string_equal(logged, "mock gpu0: lost 3 rings\n");
	assert_int_equal(logged_level, 3);
	dev_warn(&dev, "w");
	assert_int_equal(logged_level, 4);
	dev_notice(&dev, "n");
	assert_int_equal(logged_level, 5);
	dev_info(&dev, "i");
	assert_int_equal(logged_level, 6);
	dev_emerg(&dev, "e");
	assert_int_equal(logged_level, 0);
	dev_err(NULL, "no device");
	assert_string_equal(logged, "(NULL device *): no device");
}

static void a_long_message_is_cut(void **state)
{
	struct device dev = { .init_name = "gpu0" };
	char text[1500];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	dev_err(&dev, "%s", text);
	assert_int_equal(strlen(logged), 1023);
	assert_int_equal(strncmp(logged, " gpu0: xxx", 10), 0);
}

static int count_call(int *nr)
{
	return ++*nr;
}

static void debugging_messages_are_off(void **state)
{
	struct drm_device drm = { .dev = NULL };
	int nr = 0;

	dev_dbg(NULL, "%d", count_call(&nr));
	drm_dbg(&drm, "%d", count_call(&nr));
	DRM_DEBUG("%d", count_call(&nr));
	assert_int_equal(nr, 0);
	assert_int_equal(nr_logged, 0);
}

static void once_is_once_for_a_call_site(void **state)
{
	struct device dev = { .init_name = "gpu0" };
	int i;

	for (i = 0; i < 3; i++) {
		dev_warn_once(&dev, "first");
		dev_err_once(&dev, "second");
	}
	assert_int_equal(nr_logged, 2);
}

static void a_driver_that_is_not_ready_is_not_logged(void **state)
{
	struct device dev = { .init_name = "gpu0" };

	assert_int_equal(dev_err_probe(&dev, -EPROBE_DEFER, "x"),
			 -EPROBE_DEFER);
	assert_int_equal(dev_err_probe(&dev, -ENOMEM, "x"), -ENOMEM);
	assert_int_equal(nr_logged, 0);
	assert_int_equal(dev_err_probe(&dev, -EINVAL, "no %s\n", "clock"),
			 -EINVAL);
	assert_string_equal(logged, " gpu0: error -22: no clock\n");
	assert_int_equal(logged_level, 3);
}

static void warnings_name_the_device(void **state)
{
	struct device dev = { .init_name = "gpu0" };
	struct drm_device drm = { .dev = &dev };

	assert_warns_like("gpu0: lost", dev_WARN(&dev, "lost %d", 1));
	assert_warns_like("gpu0: [drm] lost", drm_WARN(&drm, 1, "lost"));
	assert_false(drm_WARN_ON(&drm, 0));
	assert_warns_like("gpu0: [drm] drm_WARN_ON(dev.init_name)",
			  assert_true(drm_WARN_ON(&drm, dev.init_name)));
}

static void drm_messages_have_a_prefix(void **state)
{
	struct device dev = { .init_name = "gpu0" };
	struct drm_device drm = { .dev = &dev }, *none = NULL;
	struct drm_printer p = drm_info_printer(&dev);

	drm_err(&drm, "%d\n", 1);
	assert_string_equal(logged, " gpu0: [drm] *ERROR* 1\n");
	drm_info(none, "none");
	assert_string_equal(logged, "(NULL device *): [drm] none");
	DRM_ERROR("%d", 2);
	assert_string_equal(logged,
			    "[drm:drm_messages_have_a_prefix] *ERROR* 2");
	drm_printf(&p, "%s-%d", "x", 5);
	assert_string_equal(logged, " gpu0: [drm] x-5");
	drm_puts(&p, "%d");
	assert_string_equal(logged, " gpu0: [drm] %d");
}

static void a_device_has_a_name(void **state)
{
	struct device dev = { .init_name = "first" };

	assert_string_equal(dev_name(&dev), "first");
	assert_string_equal(dev_driver_string(&dev), "");
	assert_int_equal(dev_set_name(&dev, "ring%d", 12), 0);
	assert_string_equal(dev_name(&dev), "ring12");
	assert_int_equal(dev_set_name(&dev, "again"), 0);
	assert_string_equal(dev_name(&dev), "again");
	libfence_fail_nth(1);
	assert_int_equal(dev_set_name(&dev, "lost"), -ENOMEM);
	assert_string_equal(dev_name(&dev), "again");
	kfree(dev.lfshim_name);
	assert_string_equal(dev_name(&(struct device){ }), "(null)");
}

static int nr_released;

static void release(struct device *dev)
{
	nr_released++;
}

static void the_last_reference_releases(void **state)
{
	struct device dev = { .init_name = "gpu0", .release = release };

	nr_released = 0;
	assert_int_equal(device_register(&dev), 0);
	assert_ptr_equal(get_device(&dev), &dev);
	device_unregister(&dev);
	assert_int_equal(nr_released, 0);
	put_device(&dev);
	assert_int_equal(nr_released, 1);
	assert_null(get_device(NULL));
	put_device(NULL);
}

static void a_device_without_a_name_is_refused(void **state)
{
	struct device dev = { .release = release };

	nr_released = 0;
	assert_int_equal(device_register(&dev), -EINVAL);
	put_device(&dev);
	assert_int_equal(nr_released, 1);
}

static void a_device_without_release_warns(void **state)
{
	struct device dev = { .init_name = "gpu0" };

	device_initialize(&dev);
	assert_warns_like("'gpu0' has no release()", put_device(&dev));
}

static void a_parent_lives_as_long_as_its_child_is_added(void **state)
{
	struct device parent = { .init_name = "bus", .release = release };
	struct device dev = {
		.init_name = "gpu0", .release = release, .parent = &parent,
	};

	nr_released = 0;
	device_initialize(&parent);
	assert_int_equal(device_register(&dev), 0);
	put_device(&parent);
	assert_int_equal(nr_released, 0);
	device_del(&dev);
	assert_int_equal(nr_released, 1);
	/* A second time does nothing. */
	device_del(&dev);
	put_device(&dev);
	assert_int_equal(nr_released, 2);
}

static void resources_end_with_the_device_in_reverse(void **state)
{
	struct device *dev = root_device_register("gpu0");
	char *p;
	long i;

	nr_undone = 0;
	assert_string_equal(dev_name(dev), "gpu0");
	for (i = 1; i <= 3; i++)
		assert_int_equal(devm_add_action(dev, undo, (void *)i), 0);
	p = devm_kzalloc(dev, 100, GFP_KERNEL);
	assert_int_equal(p[99], 0);
	assert_int_equal((uintptr_t)p % 16, 0);
	assert_non_null(devm_kcalloc(dev, 3, 5, GFP_KERNEL));
	assert_null(devm_kcalloc(dev, SIZE_MAX / 2, 5, GFP_KERNEL));
	assert_ptr_equal(devm_kmalloc(dev, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	root_device_unregister(dev);
	assert_int_equal(nr_undone, 3);
	assert_int_equal(undone[0], 3);
	assert_int_equal(undone[2], 1);
}

static void resources_end_without_registration_too(void **state)
{
	struct device dev = { .init_name = "gpu0", .release = release };

	nr_undone = 0;
	device_initialize(&dev);
	assert_int_equal(devm_add_action(&dev, undo, (void *)7l), 0);
	put_device(&dev);
	assert_int_equal(nr_undone, 1);
}

static void a_resource_may_end_before(void **state)
{
	struct device *dev = root_device_register("gpu0");
	void *p = devm_kmalloc(dev, 10, GFP_KERNEL);

	nr_undone = 0;
	assert_non_null(devm_kmalloc(dev, 10, GFP_KERNEL));
	devm_kfree(dev, p);
	assert_warns_like("not the device's", devm_kfree(dev, p));
	devm_kfree(dev, NULL);
	devm_kfree(dev, ZERO_SIZE_PTR);
	devm_add_action(dev, undo, (void *)1l);
	devm_add_action(dev, undo, (void *)2l);
	devm_add_action(dev, undo, (void *)3l);
	devm_remove_action(dev, undo, (void *)2l);
	assert_int_equal(nr_undone, 0);
	devm_release_action(dev, undo, (void *)1l);
	assert_int_equal(nr_undone, 1);
	assert_warns_like("no action", devm_remove_action(dev, undo,
							  (void *)1l));
	root_device_unregister(dev);
	assert_int_equal(nr_undone, 2);
	assert_int_equal(undone[1], 3);
}

static void without_memory_there_is_no_resource(void **state)
{
	struct device *dev = root_device_register("gpu0");

	nr_undone = 0;
	libfence_fail_nth(1);
	assert_int_equal(devm_add_action(dev, undo, NULL), -ENOMEM);
	libfence_fail_nth(1);
	assert_int_equal(devm_add_action_or_reset(dev, undo, NULL), -ENOMEM);
	assert_int_equal(nr_undone, 1);
	libfence_fail_nth(1);
	assert_null(devm_kmalloc(dev, 10, GFP_KERNEL));
	root_device_unregister(dev);
	assert_int_equal(nr_undone, 1);
	libfence_fail_nth(1);
	assert_int_equal(PTR_ERR(root_device_register("x")), -ENOMEM);
	libfence_fail_nth(2);
	assert_int_equal(PTR_ERR(root_device_register("x")), -ENOMEM);
}

static void driver_data_is_the_drivers(void **state)
{
	struct device dev = { };

	assert_null(dev_get_drvdata(&dev));
	dev_set_drvdata(&dev, state);
	assert_ptr_equal(dev_get_drvdata(&dev), state);
}

struct gpu {
	int before;
	struct drm_device drm;
};

static struct drm_device *released;

static void release_drm(struct drm_device *drm)
{
	released = drm;
}

static const struct drm_driver driver = {
	.release = release_drm,
	.driver_features = DRIVER_GEM | DRIVER_SYNCOBJ,
};

static void a_drm_device_ends_with_its_parent(void **state)
{
	struct device *dev = root_device_register("gpu0");
	struct gpu *gpu = devm_drm_dev_alloc(dev, &driver, struct gpu, drm);
	struct drm_device *drm = &gpu->drm;

	released = NULL;
	assert_int_equal(gpu->before, 0);
	assert_ptr_equal(drm->dev, dev);
	drm_dev_get(drm);
	root_device_unregister(dev);
	assert_null(released);
	/* It has a reference to its parent. */
	assert_string_equal(dev_name(drm->dev), "gpu0");
	drm_dev_put(drm);
	assert_ptr_equal(released, drm);
	drm_dev_put(NULL);
}

static void a_drm_device_needs_memory(void **state)
{
	struct device *dev = root_device_register("gpu0");
	int i;

	for (i = 1; i <= 2; i++) {
		libfence_fail_nth(i);
		assert_int_equal(PTR_ERR(devm_drm_dev_alloc(dev, &driver,
							    struct gpu, drm)),
				 -ENOMEM);
	}
	root_device_unregister(dev);
}

static void features_are_those_of_driver_and_device(void **state)
{
	struct drm_device drm = { .driver = &driver, .driver_features = ~0u };

	assert_true(drm_core_check_feature(&drm, DRIVER_GEM));
	assert_false(drm_core_check_feature(&drm, DRIVER_MODESET));
	assert_true(drm_core_check_all_features(&drm, DRIVER_GEM |
						      DRIVER_SYNCOBJ));
	assert_false(drm_core_check_all_features(&drm, DRIVER_GEM |
						       DRIVER_MODESET));
	assert_false(drm_core_check_all_features(&drm, 0));
	drm.driver_features = ~DRIVER_GEM;
	assert_false(drm_core_check_feature(&drm, DRIVER_GEM));
}

/* This program defines no rust_fmt_argument(). */
static void rust_argument_without_rust_is_a_note(void **state)
{
	char buf[16];

	assert_int_equal(scnprintf(buf, sizeof(buf), "%pA %d", "rust", 7), 8);
	assert_string_equal(buf, "(%pA?) 7");
	assert_true(no_hash_pointers);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(messages_name_the_driver_and_the_device),
		LOG_TEST(a_long_message_is_cut),
		LOG_TEST(debugging_messages_are_off),
		LOG_TEST(once_is_once_for_a_call_site),
		LOG_TEST(a_driver_that_is_not_ready_is_not_logged),
		LOG_TEST(warnings_name_the_device),
		LOG_TEST(drm_messages_have_a_prefix),
		TEST(a_device_has_a_name),
		TEST(the_last_reference_releases),
		TEST(a_device_without_a_name_is_refused),
		TEST(a_device_without_release_warns),
		TEST(a_parent_lives_as_long_as_its_child_is_added),
		TEST(resources_end_with_the_device_in_reverse),
		TEST(resources_end_without_registration_too),
		TEST(a_resource_may_end_before),
		TEST(without_memory_there_is_no_resource),
		TEST(driver_data_is_the_drivers),
		TEST(a_drm_device_ends_with_its_parent),
		TEST(a_drm_device_needs_memory),
		TEST(rust_argument_without_rust_is_a_note),
		TEST(features_are_those_of_driver_and_device),
	};

	return TEST_MAIN("device", tests);
}
